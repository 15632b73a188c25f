/// Routes with a common prefix, and with hooks, middleware and error handlers of their own.
public struct Blueprint: Scaffold, Sendable {
    /// What stands before all its patterns, such as `/admin`; it has no parameters.
    public let prefix: String
    public var scope = Scope()

    public init(prefix: String) {
        self.prefix = prefix
    }
}
