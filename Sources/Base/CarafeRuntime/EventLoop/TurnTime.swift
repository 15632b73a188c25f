package import NIOCore

/// The time that a turn of an event loop has lasted: since the loop last polled its sockets and timers.
///
/// It begins with the first question, so that a loop with little to do never looks at the clock.
package struct TurnTime: Sendable {
    /// The longest turn: 2 ms, of which a pause of 50 µs is a fortieth.
    package static let standardLimit = TimeAmount.milliseconds(2)
    /// So many limits after its end, a turn was over long ago: the loop was idle.
    private static let staleAfter = 10

    private let limit: TimeAmount?
    private let clock: @Sendable () -> NIODeadline
    private var end: NIODeadline?

    /// - Parameters:
    ///   - limit: nil for a turn that is never over, which suits virtual time: it stands still during a turn.
    ///   - clock: the time as it passes; tests have one of their own.
    package init(
        limit: TimeAmount? = standardLimit, clock: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        self.limit = limit
        self.clock = clock
    }

    /// Whether somebody has asked since it began.
    var isRunning: Bool { end != nil }

    /// Whether it has lasted too long. The first question begins it.
    mutating func isOver() -> Bool {
        guard let limit else { return false }
        let now = clock()
        if let end { return now >= end }
        end = now + limit
        return false
    }

    /// Returns whether the turn is over when a socket's event asks: after a time without a question the loop has polled
    /// its sockets, and the event begins a turn.
    mutating func isOver(afterEvent: Bool) -> Bool {
        guard afterEvent, let end, let limit, clock() >= end + limit * Self.staleAfter else { return isOver() }
        begin()
        return false
    }

    /// The loop has looked at its sockets just now.
    mutating func begin() {
        end = limit.map { clock() + $0 }
    }
}
