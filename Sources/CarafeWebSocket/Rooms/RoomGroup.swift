import CarafeApp
import CarafeWebSocketCodec
import CarafeWebSocketConnection
import NIOCore
import Synchronization

/// The members of a room on one event loop, and the burst that they have not been sent.
// Unchecked: `members` and `compression` are touched on the event loop only.
final class RoomGroup: @unchecked Sendable {
    private struct Pending {
        var burst = RoomBurst()
        /// Whether members want their messages compressed.
        var compresses = false
    }

    let executor: EventLoopExecutor
    private var members: [Membership] = []
    /// How the first member that wants it compresses; its compressors are those of the event loop.
    private var compression: Compression?
    private let pending = Mutex(Pending())

    init(executor: EventLoopExecutor) {
        self.executor = executor
    }

    /// Adds a message for all to the burst; the first one wakes the loop.
    func publish(_ message: Message, frame: ByteBuffer) {
        wake(
            pending.withLock { pending in
                defer { pending.burst.append(message, frame: frame, compresses: pending.compresses) }
                return pending.burst.isEmpty
            })
    }

    /// Adds a message for one member to the burst.
    func publish(_ message: Message, to member: Membership) {
        wake(
            pending.withLock { pending in
                defer { pending.burst.append(message, to: member) }
                return pending.burst.isEmpty
            })
    }

    private func wake(_ isFirst: Bool) {
        if isFirst { executor.eventLoop.execute { self.deliver() } }
    }

    /// Sends the burst, on the event loop.
    func deliver() {
        let burst = pending.withLock { pending in
            defer { pending.burst = RoomBurst() }
            return pending.burst
        }
        for run in burst.runs {
            switch run {
            case .all(let frames, let messages): deliver(frames, messages)
            case .one(let member, let message):
                guard !member.isOver else { continue }
                member.socket.connection?.enqueue(FrameEncoder.encode(.message(message)))
            }
        }
    }

    private func deliver(_ frames: ByteBuffer, _ messages: [Message]) {
        let compressed = compress(messages)
        for member in members {
            if let compressed, compressed.suits(member.socket.compression) {
                member.socket.connection?.enqueue(compressed.frames, areCompressed: true)
            } else {
                member.socket.connection?.enqueue(frames)
            }
        }
    }

    /// The run again, with what became smaller compressed; nil when nothing did.
    private func compress(_ messages: [Message]) -> CompressedRun? {
        guard !messages.isEmpty, let compression else { return nil }
        return compression.compressors.use(at: executor.eventLoop.now) { pool in
            var run = CompressedRun()
            for message in messages { run.append(pool.share(message)) }
            return run.windowBits > 0 ? run : nil
        }
    }

    /// Adds a member, which gets what is published from now on.
    func add(_ member: Membership) {
        deliver()
        member.group = self
        member.index = members.count
        members.append(member)
        guard compression == nil, let wanted = member.socket.compression else { return }
        compression = wanted
        pending.withLock { $0.compresses = true }
    }

    func remove(_ member: Membership) {
        members[member.index] = members[members.count - 1]
        members[member.index].index = member.index
        members.removeLast()
        member.group = nil
        guard members.isEmpty else { return }
        compression = nil
        pending.withLock { $0.compresses = false }
    }
}

/// Messages one after the other, compressed where that made them smaller.
private struct CompressedRun {
    var frames = ByteBuffer()
    /// The window that a reader must have; 0 while nothing is compressed.
    var windowBits = 0

    mutating func append(_ message: SharedMessage) {
        FrameEncoder.append(message.compressed ?? message.plain, to: &frames)
        if message.compressed != nil { windowBits = max(windowBits, message.windowBits) }
    }

    func suits(_ compression: Compression?) -> Bool {
        guard let compression else { return false }
        return windowBits <= compression.parameters.serverMaxWindowBits
    }
}
