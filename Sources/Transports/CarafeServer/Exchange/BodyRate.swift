package import NIOCore

/// Tells whether the body of a request comes fast enough.
package struct BodyRate: Sendable, Equatable {
    private let grace: TimeAmount
    private let bytesPerSecond: Int
    private var received = 0
    package private(set) var start: NIODeadline

    /// Begins to count.
    ///
    /// - Parameters:
    ///   - start: When the head of the request was complete.
    ///   - timeouts: The grace, and the bytes per second.
    package init(from start: NIODeadline, _ timeouts: ServerConfiguration.Timeouts) {
        self.start = start
        grace = timeouts.body
        bytesPerSecond = max(timeouts.bodyRate, 1)
    }

    package mutating func add(_ count: Int) {
        received += count
    }

    /// Begins anew: a client that is made to wait is not slow.
    package mutating func restart(at now: NIODeadline) {
        start = now
    }

    /// How long the client may take for the next byte; not positive when it is too slow.
    package func timeLeft(at now: NIODeadline) -> TimeAmount {
        start + grace + .seconds(Int64(received / bytesPerSecond)) - now
    }
}
