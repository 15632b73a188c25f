public import CarafeApp
import HTTPTypes
import NIOCore

/// Serves the files of a folder. Install one for each folder.
///
/// ```swift
/// var files = try StaticFiles(folder: "statics")
/// files.cacheControl = ["*.woff2": "public, max-age=604800", "data/*": "no-store"]
/// try app.install(files)
/// ```
///
/// Only regular files inside the folder are served: dot-files, directories, and links that lead outside are 404.
/// Compressed forms beside a file, `chat.css.br` and `chat.css.gz`, are sent to clients that accept them, unless they
/// are older than the file. Files are read on the event loop, as nginx does. That is fast from the page cache, but keep
/// them off slow network disks.
public struct StaticFiles: Extension {
    /// The values of `Cache-Control` by pattern, of which the first match counts.
    ///
    /// `*.css` matches names, and `fonts/*` paths; `*` is any text without a slash, `**` with slashes. Without a match
    /// the value is `no-cache`: the browser keeps the file and revalidates it each time, which mostly results in 304.
    public var cacheControl: KeyValuePairs<String, String> = [:]

    /// The memory for small files (up to 256 KiB each) in bytes: 8 MiB. At 0 no file is kept.
    public var memoryLimit = 8 << 20

    /// The time for which a file in memory counts as unchanged: a second. In debug mode each request checks the file.
    public var checkInterval = Duration.seconds(1)

    private let urlPath: String
    private let folder: FileFolder

    /// Creates the extension.
    ///
    /// - Parameters:
    ///   - folder: The folder, absolute or relative to the working directory.
    ///   - urlPath: The path below which its files are served.
    /// - Throws: `StaticFolderError`.
    public init(folder: String, urlPath: String = "/static") throws {
        self.urlPath = urlPath
        self.folder = try FileFolder(folder)
    }

    /// A name with the URL path, because several folders can be installed.
    public var name: String { "StaticFiles(\(urlPath))" }

    /// Adds the route, and the template function `static`.
    public func install(in app: inout App) throws {
        let cache = FileCache(folder, rules: CacheRules(cacheControl), limit: memoryLimit)
        let site = StaticSite(cache: cache, checkInterval: TimeAmount(checkInterval), root: folder.root)
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

    private static func path(_ arguments: [String]) throws(StaticArgumentsError) -> String {
        guard arguments.count == 1, let path = arguments.first else { throw StaticArgumentsError(found: arguments) }
        return path
    }
}

/// A folder that has to be there and is not.
public struct StaticFolderError: Error, Equatable, CustomStringConvertible {
    /// The absolute path.
    public var path: String

    /// A description with the path.
    public var description: String { "expected a folder at \(path), found none" }
}

/// An error for a static file that a page names and that does not exist.
public struct StaticFileError: Error, Equatable, CustomStringConvertible {
    /// The path in the page.
    public var path: String
    /// The folder; of several, the first.
    public var folder: String

    /// A description with the path and the folder.
    public var description: String { "expected the file \(path.debugDescription) in \(folder), found none" }
}

/// An error for a call of `static` without exactly one path.
struct StaticArgumentsError: Error, CustomStringConvertible {
    var found: [String]

    var description: String { "expected static(\"path of a file\"), found \(found.count) arguments: \(found)" }
}
