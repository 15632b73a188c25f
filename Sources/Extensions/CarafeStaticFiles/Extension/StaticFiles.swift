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
        let others = (function: app.templateFunctions["static"], check: app.templateChecks["static"])
        app.templateFunctions["static"] = { request, arguments in
            let path = try Self.path(arguments)
            if let fingerprint = try site.fingerprint(path, for: request) {
                return route.url(path) + "?v=" + fingerprint
            }
            // Of several folders the last one that was installed is asked first.
            guard let function = others.function else { throw MissingStaticFile(path: path, folder: site.root) }
            return try function(request, arguments)
        }
        app.templateChecks["static"] = { [folder] arguments in
            let path = try Self.path(arguments)
            if try folder.open(path) != nil { return }
            guard let check = others.check else { throw MissingStaticFile(path: path, folder: folder.root) }
            try check(arguments)
        }
    }

    private static func path(_ arguments: [String]) throws(StaticArguments) -> String {
        guard arguments.count == 1, let path = arguments.first else { throw StaticArguments(found: arguments) }
        return path
    }
}

extension Request {
    /// The address of a static file, with a fingerprint of its content, so that browsers keep it for a year and still see
    /// each change: `/static/chat.css?v=91c46f2a1b0f7d3e`. It is `{{ static("chat.css") }}` in templates.
    ///
    /// Throws `MissingStaticFile`, and `MissingExtension` where no static folder is installed.
    public func staticURL(_ path: String) throws -> String {
        guard let function = context.templateFunctions["static"], let url = try function(self, [path]) as? String else {
            _ = try require(StaticFiles.self)
            throw MissingStaticFile(path: path, folder: "")
        }
        return url
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
