package import NIOCore

/// Tells whether the body of a request comes fast enough.
package struct BodyRate: Sendable {
    private var received = 0
    private var start: NIODeadline

    /// `start` is when its head was complete.
    package init(from start: NIODeadline) {
        self.start = start
    }

    package mutating func note(_ piece: ByteBuffer) {
        received += piece.readableBytes
    }

    /// Begins anew: a client that is made to wait is not slow.
    package mutating func restart(at now: NIODeadline) {
        start = now
    }

    /// How long the client may take for the next byte; not positive when it is too slow.
    package func timeLeft(at now: NIODeadline, _ timeouts: ServerConfiguration.Timeouts) -> TimeAmount {
        let grace = timeouts.body + .seconds(Int64(received / max(timeouts.bodyRate, 1)))
        return start + grace - now
    }
}
