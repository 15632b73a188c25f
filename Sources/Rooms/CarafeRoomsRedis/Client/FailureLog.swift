package import NIOCore

/// Decides which failures are logged: each once a minute, however often it happens.
package struct FailureLog {
    private static let interval = TimeAmount.minutes(1)
    /// More failures than that are not told apart, so that their texts take bounded memory.
    private static let countLimit = 32

    private var loggedAt: [String: NIODeadline] = [:]
    /// Whether the last failure that was logged has not been followed by a recovery.
    private var isOpen = false

    package init() {}

    /// Returns whether to log a failure with this text now.
    package mutating func failed(_ text: String, at now: NIODeadline) -> Bool {
        loggedAt = loggedAt.filter { now < $0.value + Self.interval }
        guard loggedAt[text] == nil, loggedAt.count < Self.countLimit else { return false }
        loggedAt[text] = now
        isOpen = true
        return true
    }

    /// Returns whether to log that all is well again: once after failures that were logged.
    package mutating func recovered() -> Bool {
        defer { isOpen = false }
        return isOpen
    }
}
