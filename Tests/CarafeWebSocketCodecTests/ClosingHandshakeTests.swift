import TestSupport
import Testing

@testable import CarafeWebSocketCodec

@Suite("ClosingHandshake", .timeLimit(.minutes(10)))
struct ClosingHandshakeTests {
    typealias State = ClosingHandshake.State
    typealias Action = ClosingHandshake.Action
    typealias End = ClosingHandshake.End

    enum Event: CaseIterable {
        case close, messagesDelivered, fail, closeReceived, failureReceived, inputClosed, connectionLost
        case connectionLostWithUnreadInput, inputDrained, deadlinePassed
    }

    static let fault = ProtocolError(code: .protocolError, reason: "expected a mask")
    static let peer = ClosingHandshake.LastFrame.close(CloseCode(rawValue: 4000), reason: "bye")
    static let peerEnd = End(code: CloseCode(rawValue: 4000), reason: "bye")
    static let faultEnd = End(code: .protocolError, reason: "expected a mask")

    /// The events that lead from `open` to each other state.
    static let paths: [String: [Event]] = [
        "open": [], "inputClosed": [.inputClosed], "closeReceived": [.closeReceived], "closing": [.close],
        "lingering": [.closeReceived, .messagesDelivered], "draining": [.connectionLostWithUnreadInput],
        "closed": [.connectionLost],
    ]

    struct Row: CustomTestStringConvertible {
        let state: String
        let event: Event
        let role: Role
        let actions: [Action]
        let next: State

        init(_ state: String, _ event: Event, as role: Role = .server, _ actions: [Action], _ next: State) {
            self.state = state
            self.event = event
            self.role = role
            self.actions = actions
            self.next = next
        }

        var testDescription: String { "\(state) x \(event) as \(role)" }
    }

    static let startOfClose: [Action] = [
        .sendClose(.normalClosure, reason: "done"), .flush, .endMessages(End(code: .normalClosure, reason: "done")),
        .startDeadline(.closeFrame),
    ]
    static let failure: [Action] = [
        .logFailure(fault), .sendClose(.protocolError, reason: "expected a mask"), .endMessages(faultEnd),
        .startDeadline(.transport), .closeOutput,
    ]
    static let ended: [Action] = [.endMessages(.abnormal), .reportEnd(.abnormal)]

    static let rows: [Row] = [
        // RFC 6455 §7.1.2: an endpoint starts the closing handshake by sending a close frame.
        Row("open", .close, startOfClose, .closing),
        Row("inputClosed", .close, startOfClose, .closing),
        // RFC 6455 §5.5.1: an endpoint that has sent and received a close frame closes the connection.
        Row(
            "closeReceived", .close,
            startOfClose + [.endMessages(peerEnd), .startDeadline(.transport), .closeOutput], .lingering(peerEnd)),
        Row("closing", .close, [], .closing),
        Row("lingering", .close, [], .lingering(peerEnd)),
        Row("draining", .close, as: .client, ended, .closed),
        Row("closed", .close, [], .closed),

        // RFC 6455 §5.5.1: the answer may wait until the current messages are through; it echoes the code.
        Row("open", .closeReceived, [.startDeadline(.messages)], .closeReceived(peer)),
        Row(
            "closeReceived", .messagesDelivered,
            [
                .sendClose(CloseCode(rawValue: 4000), reason: ""), .endMessages(peerEnd), .startDeadline(.transport),
                .closeOutput,
            ], .lingering(peerEnd)),
        // RFC 6455 §7.1.1: a client waits for the server to close the TCP connection first.
        Row(
            "closeReceived", .messagesDelivered, as: .client,
            [
                .sendClose(CloseCode(rawValue: 4000), reason: ""), .endMessages(peerEnd), .startDeadline(.transport),
                .flush,
            ], .lingering(peerEnd)),
        Row("open", .messagesDelivered, [], .open),
        Row("closing", .messagesDelivered, [], .closing),
        Row("closed", .messagesDelivered, [], .closed),
        Row("inputClosed", .closeReceived, [.startDeadline(.messages)], .closeReceived(peer)),
        // RFC 6455 §7.1.4, §7.1.5: the peer's close frame has the code of the end.
        Row(
            "closing", .closeReceived, [.endMessages(peerEnd), .startDeadline(.transport), .closeOutput],
            .lingering(peerEnd)),
        Row(
            "closing", .closeReceived, as: .client, [.endMessages(peerEnd), .startDeadline(.transport), .flush],
            .lingering(peerEnd)),
        Row("lingering", .closeReceived, [], .lingering(peerEnd)),
        Row("draining", .closeReceived, as: .client, [], .draining(peer)),
        Row("closed", .closeReceived, [], .closed),

        // RFC 6455 §7.1.7: an endpoint that fails the connection may say why, and closes it.
        Row("open", .failureReceived, [.startDeadline(.messages)], .closeReceived(.failure(fault))),
        Row("open", .fail, failure, .lingering(faultEnd)),
        Row("open", .fail, as: .client, failure, .lingering(faultEnd)),
        Row("inputClosed", .fail, failure, .lingering(faultEnd)),
        Row("closeReceived", .fail, [], .closeReceived(peer)),
        Row("closing", .fail, [], .closing),
        Row(
            "closing", .failureReceived,
            [.logFailure(fault), .endMessages(faultEnd), .startDeadline(.transport), .closeOutput],
            .lingering(faultEnd)),
        Row("lingering", .fail, [], .lingering(peerEnd)),
        Row("lingering", .failureReceived, [], .lingering(peerEnd)),

        // RFC 6455 §7.1.1: the TCP connection is closed by both sides.
        Row("open", .inputClosed, [.startDeadline(.output), .closeWhenWritten], .inputClosed),
        Row("closeReceived", .inputClosed, [], .closeReceived(peer)),
        Row("closing", .inputClosed, [.startDeadline(.output), .closeWhenWritten], .closing),
        Row("lingering", .inputClosed, [.startDeadline(.output), .closeWhenWritten], .lingering(peerEnd)),
        Row("closed", .inputClosed, [], .closed),

        // RFC 6455 §7.1.5: without a close frame the code is 1006.
        Row("open", .connectionLost, ended, .closed),
        Row("inputClosed", .connectionLost, ended, .closed),
        Row("closeReceived", .connectionLost, [.endMessages(peerEnd), .reportEnd(peerEnd)], .closed),
        Row("closing", .connectionLost, ended, .closed),
        Row("lingering", .connectionLost, [.endMessages(peerEnd), .reportEnd(peerEnd)], .closed),
        Row("draining", .connectionLost, as: .client, [], .draining(nil)),
        Row("closed", .connectionLost, [], .closed),
        Row("open", .connectionLostWithUnreadInput, ended, .closed),
        Row("open", .connectionLostWithUnreadInput, as: .client, [.failSenders(.abnormal)], .draining(nil)),
        Row(
            "closeReceived", .connectionLostWithUnreadInput, as: .client, [.failSenders(.abnormal)], .draining(peer)),
        Row("closing", .connectionLostWithUnreadInput, as: .client, ended, .closed),
        Row("draining", .inputDrained, as: .client, ended, .closed),
        Row("open", .inputDrained, [], .open),

        Row("open", .deadlinePassed, [], .open),
        Row("inputClosed", .deadlinePassed, [.closeTransport], .inputClosed),
        Row(
            "closeReceived", .deadlinePassed,
            [
                .sendClose(CloseCode(rawValue: 4000), reason: ""), .endMessages(peerEnd), .startDeadline(.transport),
                .closeOutput,
            ], .lingering(peerEnd)),
        // RFC 6455 §7.1.1: after a reasonable time an endpoint closes the TCP connection by itself.
        Row("closing", .deadlinePassed, [.closeTransport], .closing),
        Row("lingering", .deadlinePassed, [.closeTransport], .lingering(peerEnd)),
        Row("draining", .deadlinePassed, as: .client, [], .draining(nil)),
        Row("closed", .deadlinePassed, [], .closed),
    ]

    @Test("each state answers each event as RFC 6455 §7.1 says", arguments: Self.rows)
    func followsTable(_ row: Row) throws {
        var handshake = ClosingHandshake(role: row.role)
        for event in try #require(Self.paths[row.state]) { _ = Self.apply(event, to: &handshake) }
        #expect(Self.apply(row.event, to: &handshake) == row.actions)
        #expect(handshake.state == row.next)
    }

    @Test("RFC 6455 §7.1.5: a close frame without a code ends the connection with 1005, and is answered without one")
    func noCode() {
        var handshake = ClosingHandshake(role: .server)
        _ = handshake.received(.close(nil, reason: ""))
        let actions = handshake.messagesDelivered()
        #expect(actions.first == .sendClose(nil, reason: ""))
        #expect(actions.contains(.endMessages(End(code: .noStatusReceived))))
    }

    @Test("no sequence of events sends two close frames, lets data follow one, reports two ends, or is stuck")
    func walk() {
        for seed in 0..<2000 {
            var random = SeededGenerator(seed: UInt64(seed))
            var handshake = ClosingHandshake(role: Bool.random(using: &random) ? .server : .client)
            var events: [Event] = []
            var actions: [Action] = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let event = Event.allCases.randomElement(using: &random) ?? .close
                events.append(event)
                actions += Self.apply(event, to: &handshake)
                let frames = Self.closeFrames(in: actions)
                #expect(frames <= 1, "seed \(seed): \(events)")
                #expect(!(handshake.isOpen && frames == 1), "seed \(seed): data after a close frame: \(events)")
            }
            // The app makes space, deadlines pass, and a TCP connection that is told to close is lost.
            for event in [Event.deadlinePassed, .deadlinePassed, .connectionLost, .inputDrained] {
                actions += Self.apply(event, to: &handshake)
            }
            #expect(handshake.state == .closed, "seed \(seed): \(events)")
            #expect(Self.ends(in: actions) == 1, "seed \(seed): \(events)")
        }
    }

    @Test("every state that waits for the peer has a deadline, and closes the TCP connection when it passes")
    func deadlines() throws {
        for state in ["inputClosed", "closeReceived", "closing", "lingering"] {
            var handshake = ClosingHandshake(role: .client)
            var actions: [Action] = []
            for event in try #require(Self.paths[state]) { actions += Self.apply(event, to: &handshake) }
            #expect(actions.contains { if case .startDeadline = $0 { true } else { false } }, "\(state)")
            let passed = handshake.deadlinePassed() + handshake.deadlinePassed()
            #expect(passed.contains(.closeTransport), "\(state)")
        }
    }

    private static func closeFrames(in actions: [Action]) -> Int {
        actions.count { if case .sendClose = $0 { true } else { false } }
    }

    private static func ends(in actions: [Action]) -> Int {
        actions.count { if case .reportEnd = $0 { true } else { false } }
    }

    private static func apply(_ event: Event, to handshake: inout ClosingHandshake) -> [Action] {
        switch event {
        case .close: handshake.close(.normalClosure, reason: "done")
        case .messagesDelivered: handshake.messagesDelivered()
        case .fail: handshake.fail(fault)
        case .closeReceived: handshake.received(peer)
        case .failureReceived: handshake.received(.failure(fault))
        case .inputClosed: handshake.inputClosed()
        case .connectionLost: handshake.connectionLost(hasUnreadInput: false)
        case .connectionLostWithUnreadInput: handshake.connectionLost(hasUnreadInput: true)
        case .inputDrained: handshake.inputDrained()
        case .deadlinePassed: handshake.deadlinePassed()
        }
    }

    @Test("each state says what may be sent, delivered and decoded")
    func questions() {
        func answers(_ handshake: ClosingHandshake) -> [Bool] {
            [
                handshake.isOpen, handshake.deliversMessages, handshake.decodes, handshake.isCloseReceived,
                handshake.isDraining,
            ]
        }
        var handshake = ClosingHandshake(role: .client)
        #expect(answers(handshake) == [true, true, true, false, false])
        _ = handshake.inputClosed()
        #expect(answers(handshake) == [true, true, true, false, false])
        _ = handshake.received(.close(nil, reason: ""))
        #expect(answers(handshake) == [true, true, true, true, false])
        _ = handshake.connectionLost(hasUnreadInput: true)
        #expect(answers(handshake) == [false, true, true, false, true])
        _ = handshake.inputDrained()
        #expect(answers(handshake) == [false, false, false, false, false])
        handshake = ClosingHandshake(role: .server)
        _ = handshake.close(.normalClosure)
        #expect(answers(handshake) == [false, false, true, false, false])
        _ = handshake.received(.close(nil, reason: ""))
        #expect(answers(handshake) == [false, false, false, false, false])
    }
}
