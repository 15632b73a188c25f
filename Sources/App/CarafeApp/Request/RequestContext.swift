public import CarafeHTTP

extension Request {
    /// The values that all requests of the app share.
    public package(set) var context: AppContext {
        get { appContext as? AppContext ?? .empty }
        set { appContext = newValue }
    }

    /// The pattern of the request's route, such as `/users/<int:id>`. It is nil if no route matches, and if the app
    /// does not keep the patterns.
    public var routePattern: String? { context.routePattern(self) }

    /// Returns the app's value of a type, such as an installed extension.
    ///
    /// - Throws: `MissingExtensionError`, which names the type, if the app has no such value.
    public func require<Wanted: Sendable>(_ type: Wanted.Type) throws(MissingExtensionError) -> Wanted {
        try context.require(type)
    }
}
