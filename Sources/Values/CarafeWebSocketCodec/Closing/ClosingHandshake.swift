/// The closing handshake of RFC 6455 §7, for both roles: events go in, actions come out.
///
/// It opens no socket and starts no timer; its owner carries the actions out in their order.
package struct ClosingHandshake: Sendable {
    package enum State: Hashable, Sendable {
        case open
        /// The peer has closed its half of the TCP connection without a close frame; our output is still written.
        case inputClosed
        /// The peer's close frame, or its fault, is received, and the app still works on the messages before it.
        case closeReceived(LastFrame)
        /// RFC 6455 §7.1.3: our close frame is sent, the peer's is not received.
        case closing
        /// Both close frames are through, or the connection failed; more input is ignored (RFC 6455 §7.1.1, §7.1.7).
        case lingering(End)
        /// The TCP connection is gone, and the app still receives what came before.
        case draining(LastFrame?)
        /// RFC 6455 §7.1.4.
        case closed
    }

    /// The last input that the decoder finds.
    package enum LastFrame: Hashable, Sendable {
        /// The code is nil if the close frame had none.
        case close(CloseCode?, reason: String)
        case failure(ProtocolError)

        var end: End {
            switch self {
            case .close(let code, let reason): End(code: code ?? .noStatusReceived, reason: reason)
            case .failure(let failure): End(code: failure.code, reason: failure.reason)
            }
        }
    }

    /// The code and the reason that the app learns (RFC 6455 §7.1.5, §7.1.6).
    package struct End: Hashable, Sendable {
        package var code: CloseCode
        package var reason: String

        package init(code: CloseCode, reason: String = "") {
            self.code = code
            self.reason = reason
        }

        /// RFC 6455 §7.1.5: the TCP connection ended without a close frame.
        package static let abnormal = End(code: .abnormalClosure)
    }

    package enum Deadline: Hashable, Sendable {
        /// The app finishes the messages that came before the peer's close frame.
        case messages
        /// The peer answers our close frame.
        case closeFrame
        /// The output is written, after the peer has closed its half.
        case output
        /// The peer closes the TCP connection.
        case transport
    }

    package enum Action: Hashable, Sendable {
        case sendClose(CloseCode?, reason: String)
        case flush
        case startDeadline(Deadline)
        /// Waiting senders fail, though messages may still be received.
        case failSenders(End)
        /// The end of all sending and receiving.
        case endMessages(End)
        case logFailure(ProtocolError)
        /// Closes our half of the TCP connection once everything before is written.
        case closeOutput
        /// Closes the TCP connection once everything before is written.
        case closeWhenWritten
        /// Closes the TCP connection at once.
        case closeTransport
        /// The connection is closed; comes once.
        case reportEnd(End)
    }

    private let role: Role
    package private(set) var state = State.open {
        didSet { answerQuestions() }
    }

    // Questions of each message. Stored, because a look at `state` copies its payload.

    /// Whether messages may be sent: RFC 6455 §5.5.1 forbids data after our close frame.
    package private(set) var isOpen = true

    /// Whether the app may still receive messages.
    package private(set) var deliversMessages = true

    /// Whether frames that were received are decoded.
    package private(set) var decodes = true

    package private(set) var isCloseReceived = false

    package var isDraining: Bool { deliversMessages && !isOpen }

    package init(role: Role) {
        self.role = role
    }

    private mutating func answerQuestions() {
        (isOpen, deliversMessages, decodes, isCloseReceived) =
            switch state {
            case .open, .inputClosed: (true, true, true, false)
            case .closeReceived: (true, true, true, true)
            case .closing: (false, false, true, false)
            case .draining: (false, true, true, false)
            case .lingering, .closed: (false, false, false, false)
            }
    }

    // MARK: Events of the app

    /// Starts the closing handshake (RFC 6455 §7.1.2).
    package mutating func close(_ code: CloseCode, reason: String = "") -> [Action] {
        let start: [Action] = [
            .sendClose(code, reason: reason), .flush, .endMessages(End(code: code, reason: reason)),
            .startDeadline(.closeFrame),
        ]
        switch state {
        case .open, .inputClosed:
            state = .closing
            return start
        case .closeReceived(let last):
            // The close frames have crossed: the peer's needs no other answer.
            state = .closing
            return start + linger(after: last)
        case .draining: return end()
        case .closing, .lingering, .closed: return []
        }
    }

    /// The app has received all messages and waits for the next one.
    package mutating func messagesDelivered() -> [Action] {
        guard case .closeReceived(let last) = state else { return [] }
        return linger(after: last)
    }

    /// Fails the connection (RFC 6455 §7.1.7) without waiting for the app.
    package mutating func fail(_ failure: ProtocolError) -> [Action] {
        switch state {
        case .open, .inputClosed: linger(after: .failure(failure))
        case .closeReceived, .closing, .lingering, .draining, .closed: []
        }
    }

    // MARK: Events of the peer

    package mutating func received(_ last: LastFrame) -> [Action] {
        switch state {
        case .open, .inputClosed:
            state = .closeReceived(last)
            return [.startDeadline(.messages)]
        case .closing: return linger(after: last)
        case .draining(nil):
            state = .draining(last)
            return []
        case .closeReceived, .lingering, .draining, .closed: return []
        }
    }

    /// The peer has closed its half of the TCP connection.
    package mutating func inputClosed() -> [Action] {
        switch state {
        case .open, .inputClosed: state = .inputClosed
        case .closing, .lingering: break
        // The app may still answer what came before the close frame; the deadline is running.
        case .closeReceived, .draining, .closed: return []
        }
        return [.startDeadline(.output), .closeWhenWritten]
    }

    /// The TCP connection is gone.
    ///
    /// - Parameter hasUnreadInput: whether input waits for an app that is slower than the peer. A client still receives
    ///   it. A server's handler is cancelled: a peer must not keep one by filling its queue and leaving.
    package mutating func connectionLost(hasUnreadInput: Bool) -> [Action] {
        switch state {
        case .open, .inputClosed, .closeReceived:
            guard hasUnreadInput, role == .client else { return end() }
            if case .closeReceived(let last) = state { state = .draining(last) } else { state = .draining(nil) }
            return [.failSenders(.abnormal)]
        case .closing, .lingering: return end()
        case .draining, .closed: return []
        }
    }

    /// The app has made space for all that came before the connection was lost.
    package mutating func inputDrained() -> [Action] {
        if case .draining = state { end() } else { [] }
    }

    package mutating func deadlinePassed() -> [Action] {
        switch state {
        case .closeReceived(let last): linger(after: last)
        case .inputClosed, .closing, .lingering: [.closeTransport]
        case .open, .draining, .closed: []
        }
    }

    // MARK: Steps

    private mutating func linger(after last: LastFrame) -> [Action] {
        let mustSendClose = state != .closing
        state = .lingering(last.end)
        var actions: [Action] = []
        var closesOutput = true
        switch last {
        case .close(let code, _):
            // RFC 6455 §5.5.1: the answer to a close frame echoes its code.
            if mustSendClose { actions.append(.sendClose(code, reason: "")) }
            // RFC 6455 §7.1.1: the server closes the TCP connection first; a client waits for that.
            closesOutput = role == .server
        case .failure(let failure):
            // RFC 6455 §7.1.7: the endpoint that fails the connection says why, and closes it.
            actions.append(.logFailure(failure))
            if mustSendClose { actions.append(.sendClose(failure.code, reason: failure.reason)) }
        }
        return actions + [.endMessages(last.end), .startDeadline(.transport), closesOutput ? .closeOutput : .flush]
    }

    private mutating func end() -> [Action] {
        let end =
            switch state {
            case .closeReceived(let last), .draining(.some(let last)): last.end
            case .lingering(let end): end
            case .open, .inputClosed, .closing, .draining(nil), .closed: End.abnormal
            }
        state = .closed
        return [.endMessages(end), .reportEnd(end)]
    }
}
