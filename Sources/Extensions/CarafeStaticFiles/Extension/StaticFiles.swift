public import CarafeApp
import HTTPTypes
public import NIOCore

/// Serves the files of a folder; install one for each folder.
///
/// ```swift
/// var files = try StaticFiles(folder: "statics")
/// files.cacheControl = ["*.woff2": "public, max-age=604800", "data/*": "no-store"]
/// try app.install(files)
/// ```
///
/// Only regular files inside the folder are served: dot-files, directories, and links that lead outside are 404.
/// Beside a file may lie compressed forms of it, `chat.css.br` and `chat.css.gz`, which go to whoever takes them, unless
/// they are older than the file. Files are read on the event loop, as nginx does: quick from the page cache, but keep
/// them off slow network disks.
public struct StaticFiles: Extension {
    /// The value of `Cache-Control` by pattern; the first pattern that matches counts, and what none matches is
    /// `no-cache`: kept, and asked for each time, which mostly gives 304.
    ///
    /// `*.css` is for names, and `fonts/*` for paths; `*` is any text without a slash, `**` with.
    public var cacheControl: KeyValuePairs<String, String> = [:]

    /// Bytes of small files, those up to 256 KiB, that are kept in memory together: 8 MiB. Nothing is at 0.
    public var memoryLimit = 8 << 20

    /// How long a file in memory is taken for unchanged: a second. In debug mode each request looks.
    public var checkInterval = TimeAmount.seconds(1)

    private let urlPath: String
    private let folder: FileFolder

    /// `folder` is absolute or relative to the working directory; a missing one throws `MissingFolder`.
    public init(folder: String, urlPath: String = "/static") throws {
        self.urlPath = urlPath
        self.folder = try FileFolder(folder)
    }

    public var name: String { "StaticFiles(\(urlPath))" }

    public func install(in app: inout App) throws {
        let cache = FileCache(folder, rules: CacheRules(cacheControl), limit: memoryLimit)
        let site = StaticSite(cache: cache, checkInterval: checkInterval, root: folder.root)
        let prefix = urlPath.hasSuffix("/") ? String(urlPath.dropLast()) : urlPath
        let route = app.get(prefix + "/<path:file>") { (request, path: String) in
            try site.response(to: request, path)
        }
        var urls = app.values[StaticURLs.self] ?? StaticURLs()
        urls.add(site, folder, at: route)
        app.values[StaticURLs.self] = urls
        app.templateFunctions["static"] = { request, arguments in try request.staticURL(Self.path(arguments)) }
        app.templateChecks["static"] = { [urls] arguments in try urls.check(Self.path(arguments)) }
    }

    private static func path(_ arguments: [String]) throws(StaticArguments) -> String {
        guard arguments.count == 1, let path = arguments.first else { throw StaticArguments(found: arguments) }
        return path
    }
}

/// A folder that has to be there and is not.
public struct MissingFolder: Error, Equatable, CustomStringConvertible {
    /// The absolute path that was tried.
    public var path: String

    public var description: String { "expected a folder at \(path), found none" }
}

/// A page names a static file that is not there.
public struct MissingStaticFile: Error, Equatable, CustomStringConvertible {
    /// As the page has it.
    public var path: String
    /// The folder that it was looked for in; of several the first.
    public var folder: String

    public var description: String { "expected the file \(path.debugDescription) in \(folder), found none" }
}

/// `static` was called in another way than with a path.
struct StaticArguments: Error, CustomStringConvertible {
    var found: [String]

    var description: String { "expected static(\"path of a file\"), found \(found.count) arguments: \(found)" }
}
