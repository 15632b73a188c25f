extension App {
    /// Creates an app, with static files and templates if it has any.
    ///
    /// A missing folder or a bad template is an error when the app is built.
    ///
    /// - Parameters:
    ///   - staticFolder: The folder of static files, absolute or relative to the working directory.
    ///   - staticURLPath: The path below which they are served.
    ///   - templateFolder: The folder of templates, absolute or relative to the working directory.
    public init(staticFolder: String? = nil, staticURLPath: String = "/static", templateFolder: String? = nil) {
        self.init(bare: ())
        if let staticFolder {
            attempt { app in try app.install(StaticFiles(folder: staticFolder, urlPath: staticURLPath)) }
        }
        if let templateFolder {
            attempt { app in try app.install(Templates(folder: templateFolder)) }
        }
    }
}
