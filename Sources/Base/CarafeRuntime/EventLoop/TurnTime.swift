package import NIOCore

/// The time that a turn of an event loop has lasted: since the loop last polled its sockets and timers.
///
/// The turn begins with the first call of `isOver`, so that a loop with little to do never reads the clock.
package struct TurnTime: Sendable {
    /// The longest turn: 2 ms, of which a pause of 50 µs is a fortieth.
    package static let standardLimit = TimeAmount.milliseconds(2)
    /// The number of limits after which a turn is long over: the loop was idle.
    private static let staleAfter = 10

    private let limit: TimeAmount?
    private let clock: @Sendable () -> NIODeadline
    private var end: NIODeadline?

    /// - Parameters:
    ///   - limit: The limit of a turn; nil for none, which suits virtual time: it stands still during a turn.
    ///   - clock: Returns the time.
    package init(
        limit: TimeAmount? = standardLimit, clock: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        self.limit = limit
        self.clock = clock
    }

    /// Whether a turn has begun.
    var isRunning: Bool { end != nil }

    /// Returns whether the turn has reached its limit. The first call begins the turn.
    mutating func isOver() -> Bool {
        guard let limit else { return false }
        let now = clock()
        if let end { return now >= end }
        end = now + limit
        return false
    }

    /// Returns whether the turn is over at a socket's event. After a time without a call the loop has polled its
    /// sockets, and the event begins a turn.
    mutating func isOver(afterEvent: Bool) -> Bool {
        guard afterEvent, let end, let limit, clock() >= end + limit * Self.staleAfter else { return isOver() }
        begin()
        return false
    }

    /// Begins a turn: the loop has just polled its sockets.
    mutating func begin() {
        end = limit.map { clock() + $0 }
    }
}
