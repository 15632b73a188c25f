import CarafeHTTP
import CarafeRuntime
package import CarafeWebSocketCodec
import Logging
package import NIOCore
import Synchronization

extension WebSocketConnection {
    /// Ends what the peer ended, but for messages that the handler still works on: what came whole is answered.
    func settle(isOverdue: Bool = false) {
        guard let ending, isOverdue || phase == .closing || receiver != nil else { return }
        guard phase == .open || phase == .closing else { return }
        switch ending {
        case .close(let code, _): peerClosed(code)
        case .failure(let code, let reason): fail(code, reason)
        case .message, .ping, .pong: break
        }
    }

    /// Begins the closing handshake (RFC 6455 §7.1.2), after what was sent before; on the event loop only.
    package func close(_ code: CloseCode, reason: String = "") {
        if phase == .draining { return end() }
        guard phase == .open else { return }
        phase = .closing
        dropMessages()
        flush()
        while let frames = outbox.takePostponed() { context?.write(wrapOutboundOut(frames), promise: nil) }
        outbox.append(.close(code, reason: reason))
        flush()
        finish(WebSocketClosed(code: code, reason: reason))
        timer?.set(in: limits.closeTimeout)
        if isPaused { resume() } else if ending != nil, !isInTurn { turn {} }
    }

    private func peerClosed(_ code: CloseCode?) {
        // RFC 6455 §5.5.1: the answer to a close frame echoes its code.
        if phase == .open { outbox.append(.close(code)) }
        linger(closingOutput: role == .server)
    }

    /// RFC 6455 §7.1.7: says once what was wrong, and no more.
    private func fail(_ code: CloseCode, _ reason: String) {
        logger?.debug(
            "WebSocket refused",
            metadata: [
                RequestID.key: "\(RequestID.text(requestNumber))", "code": "\(code)", "reason": "\(reason)",
            ])
        if phase == .open { outbox.append(.close(code, reason: reason)) }
        linger(closingOutput: true)
    }

    /// RFC 6455 §7.1.1: the server closes the connection first, and gives the peer time to read the close frame; a
    /// client waits for that. Whoever fails the connection closes it too (§7.1.7).
    private func linger(closingOutput: Bool) {
        phase = .lingering
        finish(ending.flatMap { WebSocketClosed($0) })
        timer?.set(in: limits.closeTimeout)
        guard closingOutput, let context else { return flush() }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            self.context?.close(mode: .output, promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(outbox.take() ?? ByteBuffer()), promise: promise)
    }

    /// Nothing more is received, and nothing more can be sent. Without a close frame the code is 1006.
    @discardableResult
    private func finish(_ closed: WebSocketClosed?) -> WebSocketClosed {
        let closed = closed ?? WebSocketClosed(code: .abnormalClosure)
        let isFirst = outcome.withLock { outcome in
            defer { outcome = closed }
            return outcome == nil
        }
        if isFirst { context?.triggerUserOutboundEvent(UpgradeEnded(code: Int(closed.code.rawValue)), promise: nil) }
        outbox.dropPostponed()
        receiver?.resume(returning: nil)
        receiver = nil
        for sender in senders.removeAll() { sender.resume(throwing: closed) }
        return closed
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: close(.goingAway, reason: "the server stops")
        case ChannelEvent.inputClosed:
            isInputClosed = true
            // After a close frame, or a fault, the handler still answers what came before it; `closeTimeout` is running.
            if ending == nil || phase != .open { closeWhenSent(context) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The peer sends no more, and may still read what is on its way.
    private func closeWhenSent(_ context: ChannelHandlerContext) {
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            self.context?.close(promise: nil)
        }
        timer?.set(in: limits.closeTimeout)
        flush()
        while let frames = outbox.takePostponed() { context.write(wrapOutboundOut(frames), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        channelEnded()
        context.fireChannelInactive()
    }

    func channelEnded() {
        context = nil
        stopTimers()
        guard phase == .open, isPaused, role == .client else {
            if phase != .draining { end() }
            return
        }
        // A slow consumer still gets what came before the end. Not so at a server, whose handler is cancelled: nobody
        // shall keep one by filling its queue and going away.
        phase = .draining
        for sender in senders.removeAll() { sender.resume(throwing: WebSocketClosed(code: .abnormalClosure)) }
    }

    func end() {
        guard phase != .closed else { return }
        phase = .closed
        let closed = finish(ending.flatMap { WebSocketClosed($0) })
        // Outside of any turn of a handler: it may end rooms and tasks.
        let onEnd = self.onEnd
        self.onEnd = nil
        onEnd?(closed)
    }
}
