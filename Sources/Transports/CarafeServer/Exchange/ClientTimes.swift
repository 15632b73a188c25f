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
        idle = TimeAmount(timeouts.idle)
        head = TimeAmount(timeouts.head)
        body = TimeAmount(timeouts.body)
        write = TimeAmount(timeouts.write)
        linger = TimeAmount(timeouts.linger)
    }

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
