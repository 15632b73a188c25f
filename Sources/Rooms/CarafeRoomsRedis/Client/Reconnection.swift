import NIOCore

/// The life of a connection that is opened again each time it is lost: events in, actions out.
struct Reconnection<Connection> {
    private enum State {
        case idle
        case connecting
        case connected(Connection)
        case waiting
        case closed
    }

    enum Action {
        case nothing
        /// Open a connection.
        case connect
        /// Report `waitEnded` after this time.
        case wait(TimeAmount)
        /// Close the connection, which nobody needs any more.
        case close(Connection)
    }

    private var state = State.idle
    private var backoff = Backoff()

    /// The connection, while there is one.
    var connection: Connection? {
        if case .connected(let connection) = state { connection } else { nil }
    }

    mutating func start() -> Action {
        guard case .idle = state else { return .nothing }
        state = .connecting
        return .connect
    }

    mutating func opened(_ connection: Connection) -> Action {
        guard case .connecting = state else { return .close(connection) }
        backoff.reset()
        state = .connected(connection)
        return .nothing
    }

    /// The connection has ended, or could not be opened.
    mutating func lost(using generator: inout some RandomNumberGenerator) -> Action {
        switch state {
        case .connecting, .connected:
            state = .waiting
            return .wait(backoff.next(using: &generator))
        case .idle, .waiting, .closed: return .nothing
        }
    }

    mutating func waitEnded() -> Action {
        guard case .waiting = state else { return .nothing }
        state = .connecting
        return .connect
    }

    mutating func close() -> Action {
        let connection = connection
        state = .closed
        return connection.map { .close($0) } ?? .nothing
    }
}
