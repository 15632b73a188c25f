import CarafeRuntime
import CarafeWebSocketCodec
package import NIOCore

/// The outbound side of a connection: writes the outbox to the channel, once per tick, and keeps the senders that wait
/// until the channel is writable.
// Unchecked: touched on the channel's event loop only.
package final class FrameWriter: TickObserver, @unchecked Sendable {
    // Exclusivity is not checked at run time where each message passes: all of it is on one thread, and no call that
    // changes the outbox leads back to it.
    @exclusivity(unchecked) private var outbox: Outbox
    @exclusivity(unchecked) private var context: ChannelHandlerContext?
    private let executor: EventLoopExecutor
    private let sendLimit: Int
    private var senders = ContinuationQueue<any Error>()
    /// Why no sender waits any more; nil while the connection is open.
    private var end: WebSocketClosedError?
    private var isFlushDue = false

    init(role: Role, sendLimit: Int, executor: EventLoopExecutor, compression: Compression?) {
        self.executor = executor
        self.sendLimit = sendLimit
        outbox = Outbox(role: role, compression: compression)
    }

    func start(_ context: ChannelHandlerContext) {
        self.context = context
        outbox.isWritable = context.channel.isWritable
    }

    func stop() {
        context = nil
    }

    var isWritable: Bool { outbox.isWritable }

    /// Whether frames of a room go out at once.
    var takesMore: Bool { outbox.takesMore }

    // MARK: Frames

    /// Appends a message.
    ///
    /// - Parameter isFlushedLater: whether the caller flushes at the end of its turn.
    func append(_ message: Message, isFlushedLater: Bool) {
        outbox.append(message, on: executor.eventLoop)
        // A turn's messages leave in one write, but not without a bound: a handler may send and send.
        if outbox.byteCount >= sendLimit || !executor.isInTurn {
            flush()
        } else if !isFlushedLater {
            flushAtEndOfTick()
        }
    }

    /// Appends a frame, which goes out with the next flush.
    func append(_ frame: Frame) {
        outbox.append(frame)
    }

    /// Appends our close frame, after which rooms send nothing (RFC 6455 §5.5.1).
    func close(_ code: CloseCode?, reason: String) {
        outbox.append(.close(code, reason: reason))
        outbox.isOpen = false
    }

    /// Answers a ping, at the latest when the channel is writable.
    func answer(ping payload: ByteBuffer) {
        outbox.answer(ping: payload)
    }

    /// Writes encoded frames of a room at once; returns false if they would have to wait.
    package func writeNow(_ frames: ByteBuffer, areCompressed: Bool = false) -> Bool {
        guard outbox.takesMore else { return false }
        if areCompressed { outbox.releaseContext() }
        flush()
        write(frames)
        return true
    }

    /// Writes encoded frames of a room, or queues them; returns false if the peer is too far behind.
    func enqueue(_ frames: ByteBuffer, areCompressed: Bool, limit: Int) -> Bool {
        switch outbox.enqueue(frames, areCompressed: areCompressed, limit: limit) {
        case .write:
            flush()
            write(frames)
            return true
        case .queued: return true
        case .tooFarBehind: return false
        }
    }

    /// Drops the frames that wait for a peer that does not read.
    func dropPostponed() {
        outbox.dropPostponed()
    }

    /// Frees the compressor if nothing was sent since the last call.
    func rest(at now: NIODeadline) {
        outbox.rest(at: now)
    }

    // MARK: Writing

    func flushAtEndOfTick() {
        guard !isFlushDue, outbox.byteCount > 0 else { return }
        isFlushDue = true
        executor.callAtEndOfTick(self)
    }

    package func tickEnded() {
        isFlushDue = false
        flush()
    }

    func flush() {
        if let bytes = outbox.takeWrite() { write(bytes) }
    }

    private func write(_ bytes: ByteBuffer) {
        context?.writeAndFlush(NIOAny(bytes), promise: nil)
    }

    /// Writes everything that waits, although the peer does not keep up.
    func writeAll() {
        flush()
        while let frames = outbox.takePostponed() { context?.write(NIOAny(frames), promise: nil) }
    }

    /// Calls `body` when everything before has been written, or the channel is closed.
    func whenWritten(_ body: @escaping (ChannelHandlerContext) -> Void) {
        guard let context else { return }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            if let context = self.context { body(context) }
        }
        context.writeAndFlush(NIOAny(outbox.takeBytes() ?? ByteBuffer()), promise: promise)
    }

    // MARK: Backpressure

    /// Writes what has waited for the channel, as far as it is writable, and returns the senders that may go on.
    func writabilityChanged(_ isWritable: Bool) -> [UnsafeContinuation<Void, any Error>] {
        outbox.isWritable = isWritable
        guard isWritable else { return [] }
        outbox.appendLatePong()
        flush()
        while outbox.isWritable, let frames = outbox.takePostponed() { write(frames) }
        return outbox.isWritable ? senders.removeAll() : []
    }

    /// Waits until the peer has taken enough of the output.
    func waitUntilWritable() async throws {
        let ticket = senders.makeTicket()
        try await withTaskCancellationHandler {
            // Unsafe: each continuation leaves `senders` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
                if let end { return continuation.resume(throwing: end) }
                senders.add(continuation, ticket: ticket)
            }
        } onCancel: {
            // In a later turn of the loop, when the task is in the queue.
            executor.eventLoop.execute {
                self.senders.remove(ticket: ticket)?.resume(throwing: CancellationError())
            }
        }
    }

    /// Fails the senders that wait, and those that come later.
    func failSenders(_ closed: WebSocketClosedError) {
        end = closed
        outbox.isOpen = false
        for sender in senders.removeAll() { sender.resume(throwing: closed) }
    }
}
