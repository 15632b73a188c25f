public import CarafeApp
import HTTPTypes

/// Serves the files of a folder; install one for each folder.
///
/// Only regular files inside the folder are served: dot-files, directories, and links that lead outside are 404.
/// Files are read on the event loop, as nginx does: quick from the page cache, but keep them off slow network disks.
public struct StaticFiles: Extension {
    let urlPath: String
    let folder: StaticFolder

    /// `folder` is absolute or relative to the working directory; a missing one throws `MissingFolder`.
    public init(folder: String, urlPath: String = "/static") throws {
        self.urlPath = urlPath
        self.folder = try StaticFolder(folder)
    }

    public var name: String { "StaticFiles(\(urlPath))" }

    public func install(in app: inout App) throws {
        let prefix = urlPath.hasSuffix("/") ? String(urlPath.dropLast()) : urlPath
        let folder = folder
        app.get(prefix + "/<path:file>") { (request, file: String) in
            guard let found = try folder.open(file) else { throw HTTPError(.notFound) }
            return FileReply(file: found).response(to: request)
        }
    }
}

/// A folder that has to be there and is not.
public struct MissingFolder: Error, Equatable, CustomStringConvertible {
    /// The absolute path that was tried.
    public var path: String

    public var description: String { "expected a folder at \(path), found none" }
}
