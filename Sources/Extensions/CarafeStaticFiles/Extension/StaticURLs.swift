public import CarafeApp

/// The addresses of the files in all static folders of an app; a value of the app.
struct StaticURLs: Sendable {
    private struct Site {
        let site: StaticSite
        let folder: FileFolder
        let route: Route<String>
    }

    private var sites: [Site] = []

    mutating func add(_ site: StaticSite, _ folder: FileFolder, at route: Route<String>) {
        sites.append(Site(site: site, folder: folder, route: route))
    }

    /// The address of a file, with its fingerprint; of several folders the last one that was installed is asked first.
    ///
    /// - Throws: `StaticFileError`, and what keeps a file from being read.
    func url(of path: String, for request: Request) throws -> String {
        for each in sites.reversed() {
            if let fingerprint = try each.site.fingerprint(path, for: request) {
                return each.route.url(path) + "?v=" + fingerprint
            }
        }
        throw StaticFileError(path: path, folder: sites.first?.site.root ?? "")
    }

    /// - Throws: `StaticFileError` for a file that is in none of the folders.
    func check(_ path: String) throws {
        for each in sites.reversed() where try each.folder.open(path) != nil { return }
        throw StaticFileError(path: path, folder: sites.first?.site.root ?? "")
    }
}

extension Request {
    /// Returns the address of a static file with a fingerprint of its content: `/static/chat.css?v=91c46f2a1b0f7d3e`.
    ///
    /// Browsers keep such a file for a year and still see each change. In templates it is `{{ static("chat.css") }}`.
    ///
    /// - Parameter path: The path of the file below its static folder.
    /// - Returns: The address, percent-encoded.
    /// - Throws: `StaticFileError`, and `MissingExtensionError` where no static folder is installed.
    public func staticURL(_ path: String) throws -> String {
        guard let urls = context.values[StaticURLs.self] else { throw MissingExtensionError(name: "StaticFiles") }
        return try urls.url(of: path, for: self)
    }
}
