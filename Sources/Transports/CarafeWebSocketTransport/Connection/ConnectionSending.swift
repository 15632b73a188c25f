import CarafeHTTP
import CarafeRuntime
package import CarafeWebSocketCodec
package import NIOCore

extension WebSocketConnection: EventLoopTickMember {
    /// Sends a message, and waits while the peer does not keep up; on the event loop only.
    ///
    /// A task that is cancelled while it waits gets a `CancellationError`; its message is on its way all the same.
    package func send(_ message: Message) async throws {
        if try !write(message) { try await waitForNext() }
    }

    /// Sends a message; false when the peer does not keep up or others have their turn, and the next should wait. On the
    /// event loop only.
    package func write(_ message: Message) throws(WebSocketClosed) -> Bool {
        guard isOpen else { throw closed ?? WebSocketClosed(code: .abnormalClosure) }
        outbox.append(message, on: executor.eventLoop)
        // A turn's messages leave in one write, but not without a bound: a handler may send and send.
        if outbox.byteCount >= limits.sendLimit || !executor.isInTurn {
            flush()
        } else if !isInTurn {
            flushSoon()
        }
        return isWritable && !executor.isTurnOverAfterStep
    }

    /// Waits after a message for which `write` gave false.
    package func waitForNext() async throws {
        if isWritable { await Task.yield() } else { try await waitUntilWritable() }
    }

    /// Waits until the peer has taken enough of what was sent.
    package func waitUntilWritable() async throws {
        let ticket = senders.makeTicket()
        try await withTaskCancellationHandler {
            // Unsafe: each continuation leaves `senders` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { continuation in
                if isOpen {
                    senders.add(continuation, ticket: ticket)
                } else {
                    continuation.resume(throwing: closed ?? WebSocketClosed(code: .abnormalClosure))
                }
            }
        } onCancel: {
            // In a later turn of the loop, when the task is in the queue.
            executor.eventLoop.execute {
                self.senders.remove(ticket: ticket)?.resume(throwing: CancellationError())
            }
        }
    }

    /// Whether what a room has for it goes out at once.
    package var takesMore: Bool { isOpen && isWritable && !outbox.hasBacklog }

    /// Whether it is neither closed nor closing.
    package var isOpen: Bool { closing.isOpen }

    /// Bytes that rooms may leave waiting.
    package var outboundLimit: Int { limits.outboundLimit }

    /// Sends frames that a room has encoded; never waits, and closes a peer that is too far behind.
    package func enqueue(_ frames: ByteBuffer, areCompressed: Bool = false) {
        guard isOpen, let context else { return }
        if areCompressed { outbox.noteSharedFrames() }
        if !outbox.hasBacklog, isWritable {
            flush()
            context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
            return
        }
        outbox.postpone(frames)
        if outbox.backlogCost > limits.outboundLimit {
            outbox.dropPostponed()
            close(.tryAgainLater, reason: "too far behind")
        }
    }

    func flushSoon() {
        guard !isFlushDue, outbox.byteCount > 0 else { return }
        isFlushDue = true
        executor.callAtEndOfTick(self)
    }

    package func endTick() {
        isFlushDue = false
        flush()
    }

    func flush() {
        guard let bytes = outbox.take(), let context else { return }
        // Nothing overtakes what waits.
        if outbox.hasBacklog { return outbox.postpone(bytes) }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable {
            heartbeat.noteBytes()
            outbox.appendLatePong()
            flush()
        }
        while isWritable, let frames = outbox.takePostponed() {
            context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
        }
        guard isWritable else { return }
        let waiting = senders.removeAll()
        guard !waiting.isEmpty else { return }
        turn { for sender in waiting { sender.resume() } }
    }
}
