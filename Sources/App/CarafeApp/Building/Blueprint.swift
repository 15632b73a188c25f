/// Routes with a common prefix, and with hooks, middleware and error handlers of their own.
public struct Blueprint: Scaffold, Sendable {
    /// What stands before all its patterns, such as `/admin`; it has no parameters.
    public let prefix: String
    /// What was registered so far; the calls of `Scaffold` edit it.
    public var scope = Scope()

    /// An empty blueprint; register it with the app when it is complete.
    public init(prefix: String) {
        self.prefix = prefix
    }
}
