import CarafeRedisCodec
import Logging
import NIOCore

/// The two connections of a client, what it has subscribed to, and what it logs of them.
// Used on one event loop.
final class RedisLinks {
    private let eventLoop: any EventLoop
    private let address: RedisAddress
    private let logger: Logger
    private let onEvent: @Sendable (RedisClientEvent) -> Void
    private let commands: RedisLink
    private let messages: RedisLink
    private var channels: Set<String> = []
    private var log = FailureLog()
    /// Waits until both connections are there, or one cannot be opened.
    private var starting: EventLoopPromise<Void>?
    /// The first attempts whose end is to come. The caller of `start` reports their failure.
    private var firstAttempts = 2

    init(
        _ connector: RedisConnector, on eventLoop: any EventLoop, logger: Logger,
        onEvent: @escaping @Sendable (RedisClientEvent) -> Void
    ) {
        self.eventLoop = eventLoop
        address = connector.address
        self.logger = logger
        self.onEvent = onEvent
        let interval = connector.options.pingInterval
        commands = RedisLink(on: eventLoop, pingInterval: interval) { eventLoop, onEnd in
            connector.open(on: eventLoop, onMessage: nil, onEnd: onEnd)
        }
        messages = RedisLink(on: eventLoop, pingInterval: interval) { eventLoop, onEnd in
            connector.open(on: eventLoop, onMessage: { onEvent(.message($0)) }, onEnd: onEnd)
        }
    }

    func start(_ promise: EventLoopPromise<Void>) {
        starting = promise
        // The links hold this object until they are closed.
        commands.start { self.commandsChanged($0) }
        messages.start { self.messagesChanged($0) }
    }

    func close() {
        commands.close()
        messages.close()
        starting?.fail(RedisUnavailableError.notConnected)
        starting = nil
    }

    // MARK: Commands

    /// The process that gets the commands; nil without a connection.
    var server: RedisServer? { commands.connection?.server }

    func send(_ command: RedisCommand, onReply: @escaping RedisClient.ReplyHandler) {
        guard let connection = commands.connection else { return onReply(.failure(.notConnected)) }
        connection.send(command, onReply: onReply)
    }

    private func commandsChanged(_ change: RedisLink.Change) {
        switch change {
        case .connected(let connection):
            onEvent(.connected(connection.server))
            linkIsUp()
            requireOneServer()
        case .lost(let error):
            linkIsDown(error)
            onEvent(.disconnected(error))
        case .cannotConnect(let error): linkIsDown(error)
        }
    }

    // MARK: Messages

    func subscribe(to channel: String, onReply: @escaping RedisClient.ReplyHandler) {
        channels.insert(channel)
        guard let connection = messages.connection else { return onReply(.failure(.notConnected)) }
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        connection.send(RedisCommand("SUBSCRIBE", .text(channel))) { result in
            // It would be refused after each loss of the connection too.
            if case .success(.error) = result { this.value.channels.remove(channel) }
            onReply(result)
        }
    }

    func unsubscribe(from channel: String) {
        guard channels.remove(channel) != nil else { return }
        messages.connection?.send(RedisCommand("UNSUBSCRIBE", .text(channel))) { _ in }
    }

    private func messagesChanged(_ change: RedisLink.Change) {
        switch change {
        case .connected(let connection):
            subscribeAgain(connection)
            linkIsUp()
            requireOneServer()
        case .lost(let error):
            linkIsDown(error)
            onEvent(.subscriptionsLost(error))
        case .cannotConnect(let error): linkIsDown(error)
        }
    }

    /// Subscribes to each channel by a command of its own, so that a refusal is one reply as well.
    private func subscribeAgain(_ connection: RedisConnection) {
        for channel in channels {
            connection.send(RedisCommand("SUBSCRIBE", .text(channel))) { result in
                guard case .success(.error(let error)) = result else { return }
                connection.close(.connectionEnded("\(error)"))
            }
        }
        // In the same write, so the server has done all before it replies to this.
        connection.send(RedisCommand("PING")) { [onEvent] result in
            if case .success = result { onEvent(.subscribed(connection.server)) }
        }
    }

    /// Ends the connection for messages if it is to another server than the commands, as after a failover of a name.
    private func requireOneServer() {
        guard let server, let connection = messages.connection, connection.server != server else { return }
        connection.close(.connectionEnded("expected the server of the commands, found another"))
    }

    // MARK: The log

    private func linkIsUp() {
        firstAttempts = max(0, firstAttempts - 1)
        guard commands.connection != nil, messages.connection != nil else { return }
        starting?.succeed()
        starting = nil
        if log.recovered() { logger.notice("connected to \(address) again") }
    }

    private func linkIsDown(_ error: any Error) {
        starting?.fail(error)
        starting = nil
        if firstAttempts > 0 {
            firstAttempts -= 1
            return
        }
        let problem = ConnectionProblem.text(error)
        if log.failed(problem, at: eventLoop.now) { logger.error("no connection to \(address): \(problem)") }
    }
}
