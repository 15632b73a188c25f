package import CarafeRedisCodec
package import Logging
package import NIOCore

/// A client of one Redis: a connection for commands and one for messages, both opened again when they are lost.
///
/// While there is no connection a command fails at once.
package final class RedisClient: Sendable {
    package typealias ReplyHandler = @Sendable (Result<RedisReply, RedisUnavailableError>) -> Void

    private let eventLoop: any EventLoop
    private let links: NIOLoopBoundBox<RedisLinks?>

    /// - Parameters:
    ///   - eventLoop: The event loop of both connections.
    ///   - onEvent: Receives the client's events on the event loop.
    /// - Throws: When the trusted certificates cannot be read.
    package init(
        _ address: RedisAddress, options: RedisOptions = RedisOptions(), on eventLoop: any EventLoop, logger: Logger,
        onEvent: @escaping @Sendable (RedisClientEvent) -> Void
    ) throws {
        self.eventLoop = eventLoop
        links = .makeBoxSendingValue(nil, eventLoop: eventLoop)
        let connector = try RedisConnector(address, options)
        eventLoop.execute { [links] in
            links.value = RedisLinks(connector, on: eventLoop, logger: logger, onEvent: onEvent)
        }
    }

    deinit {
        eventLoop.execute { [links] in links.value?.close() }
    }

    /// Opens both connections.
    ///
    /// - Throws: The reason why the first attempt failed; the client makes more until it is closed.
    package func start() async throws {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute { [links] in links.value?.start(promise) }
        try await promise.futureResult.get()
    }

    /// Closes both connections, for good.
    package func close() {
        eventLoop.execute { [links] in links.value?.close() }
    }

    // MARK: Commands

    /// Sends a command; those of one tick of the event loop are one write.
    ///
    /// - Parameter onReply: Called once, on the event loop; an error of Redis is a reply too.
    package func send(_ command: RedisCommand, onReply: @escaping ReplyHandler) {
        onEventLoop { links in links.send(command, onReply: onReply) }
    }

    /// Sends a command.
    ///
    /// - Throws: `RedisError`, or `RedisUnavailableError`.
    package func send(_ command: RedisCommand) async throws -> RedisReply {
        // Unsafe: each command has one reply or one failure.
        try await withUnsafeContinuation { continuation in
            send(command) { continuation.resume(returning: $0) }
        }.value
    }

    /// Runs a script by its hash, and by its source if the server does not know it, as after a restart or a flush.
    ///
    /// Scripts that are sent together may run in another order when the server does not know some of them.
    /// - Parameters:
    ///   - arguments: Returns the arguments for the process that gets the command.
    ///   - onReply: Called once, on the event loop; an error of Redis is a reply too.
    package func run(
        _ script: RedisScript, keys: [RedisCommand.Argument],
        _ arguments: @escaping @Sendable (RedisServer) -> [RedisCommand.Argument], onReply: @escaping ReplyHandler
    ) {
        onEventLoop { links in
            guard let server = links.server else { return onReply(.failure(.notConnected)) }
            links.send(script.runByHash(keys: keys, arguments(server))) { result in
                guard case .success(.error(let error)) = result, error.code == .noScript else { return onReply(result) }
                self.runBySource(script, keys: keys, arguments, onReply: onReply)
            }
        }
    }

    private func runBySource(
        _ script: RedisScript, keys: [RedisCommand.Argument],
        _ arguments: @escaping @Sendable (RedisServer) -> [RedisCommand.Argument], onReply: @escaping ReplyHandler
    ) {
        onEventLoop { links in
            guard let server = links.server else { return onReply(.failure(.notConnected)) }
            links.send(script.runBySource(keys: keys, arguments(server)), onReply: onReply)
        }
    }

    // MARK: Messages

    /// Subscribes to a channel, until `unsubscribe`: after a loss of the connection too.
    ///
    /// - Parameter onReply: Called once, on the event loop, when the server has done it, or cannot do it now.
    package func subscribe(to channel: String, onReply: @escaping ReplyHandler) {
        onEventLoop { links in links.subscribe(to: channel, onReply: onReply) }
    }

    /// Subscribes to a channel, until `unsubscribe`: after a loss of the connection too.
    ///
    /// - Throws: `RedisError`, or `RedisUnavailableError` when the server cannot do it now.
    package func subscribe(to channel: String) async throws {
        // Unsafe: each command has one reply or one failure.
        _ = try await withUnsafeContinuation { continuation in
            subscribe(to: channel) { continuation.resume(returning: $0) }
        }.value
    }

    package func unsubscribe(from channel: String) {
        onEventLoop { links in links.unsubscribe(from: channel) }
    }

    private func onEventLoop(_ body: @escaping @Sendable (RedisLinks) -> Void) {
        if eventLoop.inEventLoop, let links = links.value {
            body(links)
        } else {
            // `init` has made the links in a task of the loop that runs before this one.
            eventLoop.execute { [links] in links.value.map(body) }
        }
    }
}

extension Result where Success == RedisReply, Failure == RedisUnavailableError {
    /// The reply, unless it is an error.
    fileprivate var value: RedisReply {
        get throws {
            let reply = try get()
            if case .error(let error) = reply { throw error }
            return reply
        }
    }
}
