import CarafeRedisCodec
import NIOCore

/// Waits for replicas once for all steps whose replies came in one tick of the event loop.
final class ReplicaWait: Sendable {
    private let eventLoop: any EventLoop
    private let command: RedisCommand
    private let client: RedisClient
    private let waiting: NIOLoopBoundBox<[RedisClient.ReplyHandler]>

    init(on eventLoop: any EventLoop, command: RedisCommand, client: RedisClient) {
        self.eventLoop = eventLoop
        self.command = command
        self.client = client
        waiting = .makeBoxSendingValue([], eventLoop: eventLoop)
    }

    /// Waits for the replicas to have all writes of the connection. Called on the event loop, with the reply to the
    /// write: a later connection has other writes.
    func wait(onReply: @escaping RedisClient.ReplyHandler) {
        waiting.value.append(onReply)
        guard waiting.value.count == 1 else { return }
        eventLoop.execute { [self] in
            let handlers = waiting.value
            waiting.value = []
            client.send(command) { result in
                for handler in handlers { handler(result) }
            }
        }
    }
}
