import NIOCore

/// Pings in both directions: ours, which find a peer that is gone, and the peer's, of which there must not be too many.
struct KeepAlive {
    enum IntervalAction {
        case ping
        /// The peer was silent for too long.
        case disconnect
    }

    private var heartbeat = Heartbeat()
    private var pings = PingCount()

    /// Notes that the peer has sent or taken bytes.
    mutating func noteBytes() {
        heartbeat.noteBytes()
    }

    /// - Parameter canBeHeard: whether a peer that is alive could have been noticed in the interval.
    mutating func endInterval(canBeHeard: Bool, limits: ConnectionLimits) -> IntervalAction {
        heartbeat.endInterval(canBeHeard: canBeHeard) < limits.silentIntervalLimit ? .ping : .disconnect
    }

    /// Counts a ping of the peer, and returns whether it is one too many.
    mutating func receivedPing(at now: NIODeadline, limits: ConnectionLimits) -> Bool {
        pings.add(at: now) > limits.pingLimit
    }
}
