import CarafeHTTP
import CarafeRuntime
import CarafeWebSocketCodec
import NIOCore

extension WebSocketConnection {
    func expired() {
        guard let context else { return }
        guard closing.state == .open else { return perform(closing.deadlinePassed()) }
        outbox.rest(at: context.eventLoop.now)
        // Who is not read may still show by taking what is sent.
        let silentIntervals = heartbeat.endInterval(canBeHeard: !isPaused || !isWritable)
        guard silentIntervals < limits.silentIntervals else {
            context.close(promise: nil)
            return
        }
        outbox.append(Frame(opcode: .ping, payload: ByteBuffer()))
        if let beat, takesMore { outbox.append(Frame(opcode: .text, payload: beat)) }
        flush()
        timer?.set(in: limits.pingInterval)
    }

    func timeMessage() {
        guard isOpen, let context else { return }
        messageTimer =
            messageTimer
            ?? MessageTimer(limit: limits.messageTimeout, eventLoop: context.eventLoop) { [unowned self] in
                messageExpired()
            }
        messageTimer?.begin()
    }

    /// RFC 6455 §7.4.1: 1008 is the general code where no other fits.
    private func messageExpired() {
        // A peer that is not read is not slow.
        if isPaused { return messageTimer?.restart() ?? () }
        let failure = ProtocolFailure(code: .policyViolation, reason: "expected the end of a message sooner")
        turn { perform(closing.fail(failure)) }
    }
}
