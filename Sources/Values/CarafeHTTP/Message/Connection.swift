package import CarafeRuntime
public import Logging
public import NIOCore
import Synchronization

/// The connection by which a request came, as the request sees it.
public final class Connection: Sendable {
    /// The event loop on which the connection, and so its handlers, run.
    public let eventLoop: any EventLoop

    /// The client's address; behind a proxy, the proxy's.
    public let peerAddress: SocketAddress?

    /// Whether the connection is encrypted (TLS); behind a proxy, the proxy's connection.
    public let isSecure: Bool

    /// The server's own logger.
    public let logger: Logger

    package let executor: EventLoopExecutor

    /// Whether requests share the connection at the same time, each on a channel of its own (HTTP/2).
    package let isMultiplexed: Bool

    private let stop = Mutex(Stop())

    private struct Stop {
        var isOver = false
        // A list, since mostly it has one element: a dictionary would cost twice as much.
        var actions: [(ticket: UInt64, action: @Sendable () -> Void)] = []
        var tickets: UInt64 = 0
    }

    /// The number of the last request. It begins at random, so that numbers differ over a day and several servers.
    private let requestNumber = Atomic(UInt64.random(in: .min ... .max))

    /// Creates a connection for requests that are made by hand.
    ///
    /// - Parameters:
    ///   - eventLoop: The event loop whose timers the app uses. Handlers run where they are called.
    ///   - peerAddress: The client's address.
    ///   - isSecure: Whether the client's connection is encrypted.
    ///   - logger: The logger to which `request.logger` writes.
    public convenience init(
        eventLoop: any EventLoop, peerAddress: SocketAddress? = nil, isSecure: Bool = false,
        logger: Logger = Logger(label: "carafe")
    ) {
        self.init(
            executor: EventLoopExecutor(eventLoop: eventLoop, turnTime: TurnTime(limit: nil)), peerAddress: peerAddress,
            isSecure: isSecure,
            logger: logger)
    }

    package init(
        executor: EventLoopExecutor, peerAddress: SocketAddress?, isSecure: Bool = false, isMultiplexed: Bool = false,
        logger: Logger
    ) {
        self.executor = executor
        eventLoop = executor.eventLoop
        self.peerAddress = peerAddress
        self.isSecure = isSecure
        self.isMultiplexed = isMultiplexed
        self.logger = logger
    }

    func takeRequestNumber() -> UInt64 { requestNumber.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Waits, and runs `onStop` on any thread when the server stops or the client has closed its sending side.
    ///
    /// `onStop` has to end the wait: neither event waits for `body`.
    package func whileServing<Value>(
        _ wait: () async throws -> Value, onStop action: @escaping @Sendable () -> Void
    ) async rethrows -> Value {
        let ticket = stop.withLock { stop -> UInt64? in
            if stop.isOver { return nil }
            stop.tickets += 1
            stop.actions.append((stop.tickets, action))
            return stop.tickets
        }
        if ticket == nil { action() }
        defer { if let ticket { stop.withLock { $0.actions.removeAll { $0.ticket == ticket } } } }
        return try await wait()
    }

    /// Ends the waits, because the server stops.
    package func serverStops() { endWaits() }

    /// Ends the waits of `whileServing`, also those that begin later.
    package func endWaits() {
        let actions = stop.withLock { stop in
            stop.isOver = true
            defer { stop.actions = [] }
            return stop.actions
        }
        for (_, action) in actions { action() }
    }
}
