import CarafeRuntime
package import CarafeWebSocketCodec
package import NIOCore

/// The calls of the app and of its rooms, all on the event loop.
extension WebSocketConnection {
    /// Whether the connection is neither closed nor closing.
    package var isOpen: Bool { closing.isOpen }

    package var pingInterval: TimeAmount { TimeAmount(limits.pingInterval) }

    /// Bytes that rooms may leave waiting.
    package var outboundLimit: Int { limits.outboundLimit }

    // MARK: Sending

    /// Sends a message, and waits while the peer does not keep up.
    ///
    /// - Throws: `WebSocketClosedError`, and `CancellationError` for a task that is cancelled while it waits, whose
    ///   message is sent all the same.
    package func send(_ message: Message) async throws {
        if try !write(message) { try await waitForNext() }
    }

    /// Sends a message.
    ///
    /// - Returns: false when the next message should wait, since the peer does not keep up or other tasks have their
    ///   turn.
    package func write(_ message: Message) throws(WebSocketClosedError) -> Bool {
        guard isOpen else { throw closed ?? WebSocketClosedError(code: .abnormalClosure) }
        output.append(message, isFlushedLater: isInTurn)
        return output.isWritable && !executor.isTurnOverAfterStep
    }

    /// Waits after a message for which `write` returned false.
    package func waitForNext() async throws {
        if output.isWritable { await Task.yield() } else { try await waitUntilWritable() }
    }

    /// Waits until the peer has taken enough of the output.
    package func waitUntilWritable() async throws {
        guard isOpen else { throw closed ?? WebSocketClosedError(code: .abnormalClosure) }
        try await output.waitUntilWritable()
    }

    // MARK: Rooms

    /// Whether frames of a room go out at once.
    package var takesMore: Bool { output.takesMore }

    /// Sends frames that a room has encoded; never waits, and closes a peer that is too far behind.
    package func enqueue(_ frames: ByteBuffer, areCompressed: Bool = false) {
        guard isOpen else { return }
        if !output.enqueue(frames, areCompressed: areCompressed, limit: limits.outboundLimit) {
            close(.tryAgainLater, reason: "too far behind")
        }
    }

    // MARK: Receiving

    /// Takes the next message, if one waits.
    package func takeMessage() -> Message? {
        guard let (message, resumesReading) = inbound.take(limits: limits) else { return nil }
        if resumesReading { resumeReading() }
        return message
    }

    /// Waits for the next message; nil when there will be none. For after `takeMessage` returned nil, and for one task
    /// at a time.
    @inline(never)
    package func waitForMessage() async throws -> Message? {
        let ticket = inbound.receiver.makeTicket()
        return try await withTaskCancellationHandler {
            // Unsafe: a continuation leaves `receiver` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { continuation in
                // A cancellation after this finds the continuation.
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    hold(continuation, ticket)
                }
            }
        } onCancel: {
            let eventLoop = executor.eventLoop
            // At once where that can be, so that the next receiver finds the place free.
            if eventLoop.inEventLoop { return cancelReceiver(ticket) }
            eventLoop.execute { self.cancelReceiver(ticket) }
        }
    }

    /// Resumes the continuation with the next message, as `waitForMessage` does, for a task that only the connection's
    /// own end cancels: without a record in the task for each message.
    package func wait(_ continuation: UnsafeContinuation<Message?, any Error>) {
        hold(continuation, inbound.receiver.makeTicket())
    }

    private func hold(_ continuation: UnsafeContinuation<Message?, any Error>, _ ticket: Int) {
        guard !inbound.receiver.isTaken else { return continuation.resume(throwing: ConcurrentReceiveError()) }
        guard closing.deliversMessages else { return continuation.resume(returning: nil) }
        inbound.receiver.put(continuation, ticket: ticket)
        // The app has received all messages before the peer's close frame.
        if closing.isCloseReceived, !isInTurn { turn {} }
    }

    private func cancelReceiver(_ ticket: Int) {
        inbound.receiver.take(ticket: ticket)?.resume(throwing: CancellationError())
    }
}
