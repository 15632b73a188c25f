/// Tells from what is heard in each ping interval whether the peer is still there.
struct Heartbeat {
    private var isHeard = false
    private var silentIntervals = 0

    /// Bytes came, of whatever kind, or were taken.
    mutating func noteBytes() {
        isHeard = true
    }

    /// Counts an interval that is over; gives how many have been silent in a row. One in which the peer could not be heard,
    /// since it was not read, does not count.
    mutating func endInterval(canBeHeard: Bool) -> Int {
        silentIntervals = isHeard || !canBeHeard ? 0 : silentIntervals + 1
        isHeard = false
        return silentIntervals
    }
}
