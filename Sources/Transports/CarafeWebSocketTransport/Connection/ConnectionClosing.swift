import CarafeHTTP
import CarafeRuntime
package import CarafeWebSocketCodec
import Logging
package import NIOCore
import Synchronization

extension WebSocketConnection {
    /// Starts the closing handshake, after what was sent before; on the event loop only.
    package func close(_ code: CloseCode, reason: String = "") {
        let wasOpen = isOpen
        // First: a sender that goes on while the backlog is written sends nothing more.
        let actions = closing.close(code, reason: reason)
        if wasOpen {
            dropMessages()
            writeAll()
        }
        perform(actions)
        // The peer's close frame may be behind messages that nobody receives any more.
        if wasOpen, isPaused { resume() }
    }

    func perform(_ actions: [ClosingHandshake.Action]) {
        for action in actions { perform(action) }
    }

    private func perform(_ action: ClosingHandshake.Action) {
        switch action {
        case .sendClose(let code, let reason): outbox.append(.close(code, reason: reason))
        case .flush: flush()
        case .startDeadline: timer?.set(in: limits.closeTimeout)
        case .failSenders(let end): failSenders(WebSocketClosed(end))
        case .endMessages(let end): endMessages(WebSocketClosed(end))
        case .logFailure(let failure):
            logger?.debug(
                "WebSocket refused",
                metadata: [
                    RequestID.key: "\(RequestID.text(requestNumber))", "code": "\(failure.code)",
                    "reason": "\(failure.reason)",
                ])
        case .closeOutput: whenWritten { $0.close(mode: .output, promise: nil) }
        case .closeWhenWritten:
            writeAll()
            whenWritten { $0.close(promise: nil) }
        case .closeTransport: context?.close(promise: nil)
        case .reportEnd(let end):
            // Outside of any turn of a handler: it may end rooms and tasks.
            let onEnd = self.onEnd
            self.onEnd = nil
            onEnd?(WebSocketClosed(end))
        }
    }

    /// Writes everything that waits, although the peer does not keep up.
    private func writeAll() {
        flush()
        while let frames = outbox.takePostponed() { context?.write(wrapOutboundOut(frames), promise: nil) }
    }

    private func whenWritten(_ body: @escaping (ChannelHandlerContext) -> Void) {
        guard let context else { return }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            if let context = self.context { body(context) }
        }
        context.writeAndFlush(wrapOutboundOut(outbox.take() ?? ByteBuffer()), promise: promise)
    }

    private func endMessages(_ closed: WebSocketClosed) {
        let isFirst = outcome.withLock { outcome in
            defer { outcome = closed }
            return outcome == nil
        }
        if isFirst { context?.triggerUserOutboundEvent(UpgradeEnded(code: Int(closed.code.rawValue)), promise: nil) }
        outbox.dropPostponed()
        receiver.take()?.resume(returning: nil)
        failSenders(closed)
    }

    private func failSenders(_ closed: WebSocketClosed) {
        for sender in senders.removeAll() { sender.resume(throwing: closed) }
    }

    // MARK: Events of the channel

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: close(.goingAway, reason: "the server stops")
        case ChannelEvent.inputClosed: perform(closing.inputClosed())
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        channelEnded()
        context.fireChannelInactive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        channelEnded()
    }

    private func channelEnded() {
        context = nil
        timer?.cancel()
        timer = nil
        messageTimer?.cancel()
        messageTimer = nil
        perform(closing.connectionLost(hasUnreadInput: isPaused))
    }
}
