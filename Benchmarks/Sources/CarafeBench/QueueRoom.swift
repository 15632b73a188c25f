import CarafeWebSocket
import Synchronization

/// An app without rooms, to compare with: a queue for each member, and a task that sends its messages.
final class QueueRoom: Sendable {
    private struct Members {
        var queues: [Int: AsyncStream<Message>.Continuation] = [:]
        var count = 0
    }

    private let members = Mutex(Members())

    func serve(_ socket: WebSocket) async throws {
        // As much as a room allows a member to be behind, in messages of 64 bytes.
        let (queue, entrance) = AsyncStream.makeStream(of: Message.self, bufferingPolicy: .bufferingOldest(1 << 16))
        let number = members.withLock { members in
            members.count += 1
            members.queues[members.count] = entrance
            return members.count
        }
        defer { members.withLock { $0.queues[number] = nil } }
        try await withThrowingTaskGroup { group in
            group.addTask {
                for await message in queue { try await socket.send(message) }
            }
            for try await message in socket {
                for queue in members.withLock({ Array($0.queues.values) }) { queue.yield(message) }
            }
            group.cancelAll()
        }
    }
}
