/// Counts the ping intervals in which a peer was silent.
struct Heartbeat {
    private var isHeard = false
    private var silentIntervals = 0

    /// Bytes came, of whatever kind, or were taken.
    mutating func noteBytes() {
        isHeard = true
    }

    /// Counts an interval that is over, and returns the number of silent ones in a row.
    ///
    /// - Parameter canBeHeard: whether the peer was read; if not, its silence does not count.
    mutating func endInterval(canBeHeard: Bool) -> Int {
        silentIntervals = isHeard || !canBeHeard ? 0 : silentIntervals + 1
        isHeard = false
        return silentIntervals
    }
}
