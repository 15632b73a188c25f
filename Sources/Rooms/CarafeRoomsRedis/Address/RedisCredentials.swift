/// The user and the password of an address, which no description shows.
struct RedisCredentials: Sendable, Equatable {
    /// Nil for Redis' default user.
    let user: String?
    let password: String

    /// - Returns: Nil when there is neither of them.
    init?(user: String?, password: String?) {
        let user = user.flatMap { $0.isEmpty ? nil : $0 }
        guard user != nil || password != nil else { return nil }
        self.user = user
        self.password = password ?? ""
    }
}

extension RedisCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "a user and a password" }

    var debugDescription: String { description }

    var customMirror: Mirror { Mirror(self, children: []) }
}
