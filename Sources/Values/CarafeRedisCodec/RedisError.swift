/// An error that Redis sent as the reply to a command.
package struct RedisError: Error, Sendable, Equatable {
    /// The first word, such as `OOM`, `READONLY` or `NOSCRIPT`.
    package let code: Code
    /// The rest of the line.
    package let message: String

    /// Reads the line of an error reply without its `-`.
    package init(line: String) {
        let word = line.prefix { $0 != " " }
        code = Code(rawValue: String(word))
        message = String(line.dropFirst(word.count + 1))
    }

    /// The first word of an error.
    package struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        package var description: String { rawValue }

        /// Whether the server is a replica, or has been one.
        package var isOfReplica: Bool { self == .readOnly || self == .term }

        /// An error without a code of its own.
        package static let general = Code(rawValue: "ERR")
        /// The memory limit is reached, and nothing may be evicted.
        package static let outOfMemory = Code(rawValue: "OOM")
        /// The server is a replica.
        package static let readOnly = Code(rawValue: "READONLY")
        /// The server has been a replica since the connection began: the reply of a script of rooms.
        package static let term = Code(rawValue: "TERM")
        /// The key is on another node of a cluster.
        package static let moved = Code(rawValue: "MOVED")
        /// The server reads its data from the disk.
        package static let loading = Code(rawValue: "LOADING")
        /// A script has run for too long.
        package static let busy = Code(rawValue: "BUSY")
        /// The server does not know the script's hash.
        package static let noScript = Code(rawValue: "NOSCRIPT")
        /// The connection has not said its password.
        package static let noAuthentication = Code(rawValue: "NOAUTH")
        /// The user or the password is wrong.
        package static let wrongPassword = Code(rawValue: "WRONGPASS")
        /// The user may not run the command or use the key.
        package static let noPermission = Code(rawValue: "NOPERM")
        /// The disk failed, and the server refuses writes.
        package static let misconfigured = Code(rawValue: "MISCONF")
        /// Fewer replicas than `min-replicas-to-write` are connected.
        package static let noReplicas = Code(rawValue: "NOREPLICAS")
        /// The replica has lost its primary.
        package static let primaryDown = Code(rawValue: "MASTERDOWN")
        /// The key holds another type of value.
        package static let wrongType = Code(rawValue: "WRONGTYPE")
    }
}

extension RedisError: CustomStringConvertible {
    package var description: String {
        message.isEmpty ? "Redis replied \(code)" : "Redis replied \(code) \(message)"
    }
}
