import NIOCore

/// Counts a peer's pings by the second.
struct PingCount {
    private var count = 0
    private var second = NIODeadline.distantPast

    /// Counts one more, and returns the count of this second, which begins with its first ping.
    mutating func add(at now: NIODeadline) -> Int {
        if now >= second + .seconds(1) {
            second = now
            count = 0
        }
        count += 1
        return count
    }
}
