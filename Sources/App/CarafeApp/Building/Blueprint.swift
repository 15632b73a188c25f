/// A group of routes with a common prefix, and with hooks, middleware and error handlers of its own.
public struct Blueprint: Scaffold, Sendable {
    /// The prefix of all its patterns, such as `/admin`. It has no parameters.
    public let prefix: String
    /// The registrations so far. The methods of `Scaffold` edit it.
    public var scope = Scope()

    /// Creates an empty blueprint. Register it with the app when it is complete.
    public init(prefix: String) {
        self.prefix = prefix
    }
}
