import CarafeRedisCodec
import NIOCore

/// Waits for replicas, one time after the other: each for all steps whose replies came during the one before.
final class ReplicaWait: Sendable {
    private let eventLoop: any EventLoop
    private let command: RedisCommand
    private let client: RedisClient
    private let state: NIOLoopBoundBox<(isWaiting: Bool, handlers: [RedisClient.ReplyHandler])>

    init(on eventLoop: any EventLoop, command: RedisCommand, client: RedisClient) {
        self.eventLoop = eventLoop
        self.command = command
        self.client = client
        state = .makeBoxSendingValue((false, []), eventLoop: eventLoop)
    }

    /// Waits for the replicas to have all writes of the connection. Called on the event loop, with the reply to the
    /// write: a later connection has other writes.
    func wait(onReply: @escaping RedisClient.ReplyHandler) {
        state.value.handlers.append(onReply)
        if state.value.isWaiting { return }
        state.value.isWaiting = true
        // After the other replies of this tick.
        eventLoop.execute { [self] in send() }
    }

    private func send() {
        let handlers = state.value.handlers
        state.value.handlers = []
        client.send(command) { [self] result in
            for handler in handlers { handler(result) }
            if state.value.handlers.isEmpty { state.value.isWaiting = false } else { send() }
        }
    }
}
