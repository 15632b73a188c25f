/// Tells from what is heard in each ping interval whether the peer is still there.
struct Heartbeat {
    private var isHeard = false
    private var silentIntervals = 0

    /// Bytes came, of whatever kind.
    mutating func noteBytes() {
        isHeard = true
    }

    /// Counts an interval that is over; gives how many have been silent in a row. A peer that is not read cannot be
    /// heard, so that its interval does not count.
    mutating func endInterval(isReading: Bool) -> Int {
        silentIntervals = isHeard || !isReading ? 0 : silentIntervals + 1
        isHeard = false
        return silentIntervals
    }
}
