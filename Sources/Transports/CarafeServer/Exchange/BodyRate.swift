package import NIOCore

/// The rate of a request's body, of which a client that sends too slowly falls short.
package struct BodyRate: Sendable, Equatable {
    private let grace: TimeAmount
    private let bytesPerSecond: Int
    private var received = 0
    package private(set) var start: NIODeadline

    /// Begins to count.
    ///
    /// - Parameters:
    ///   - start: When the head of the request was complete.
    ///   - times: The grace, and the bytes per second.
    package init(from start: NIODeadline, _ times: ClientTimes) {
        self.start = start
        grace = times[.body]
        bytesPerSecond = times.bodyRate
    }

    package mutating func add(_ count: Int) {
        received += count
    }

    /// Begins again: a client that is made to wait is not slow.
    package mutating func restart(at now: NIODeadline) {
        start = now
    }

    /// Returns the time that the client may take for the next byte; not positive when it is too slow.
    package func timeLeft(at now: NIODeadline) -> TimeAmount {
        start + grace + .seconds(Int64(received / bytesPerSecond)) - now
    }
}
