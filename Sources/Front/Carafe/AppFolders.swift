extension App {
    /// An app, with its static files and templates if it has any.
    ///
    /// Folders are absolute or relative to the working directory. One that is missing, and a bad template, is an error
    /// when the app is built.
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
