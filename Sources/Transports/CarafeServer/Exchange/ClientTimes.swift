import CarafeHTTP
package import NIOCore

/// The times of `ServerConfiguration.Timeouts` that a client has, as SwiftNIO's timers take them: converted once, and
/// not for each request.
package struct ClientTimes: Sendable {
    /// The bytes per second that a body must bring on average; at least 1.
    let bodyRate: Int
    private let idle: TimeAmount
    private let head: TimeAmount
    private let body: TimeAmount
    private let write: TimeAmount
    private let linger: TimeAmount

    package init(_ timeouts: ServerConfiguration.Timeouts) {
        bodyRate = max(timeouts.bodyRate, 1)
        idle = Self.time(timeouts.idle)
        head = Self.time(timeouts.head)
        body = Self.time(timeouts.body)
        write = Self.time(timeouts.write)
        linger = Self.time(timeouts.linger)
    }

    /// Returns a time of at most a year, so that sums and multiples of times do not overflow.
    private static func time(_ duration: Duration) -> TimeAmount { TimeAmount(min(duration, .days(365))) }

    /// Returns the time that a client has for a deadline.
    package subscript(_ deadline: Deadline) -> TimeAmount {
        switch deadline {
        case .idle: idle
        case .head: head
        case .body: body
        case .write: write
        case .linger: linger
        }
    }
}
