import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct FrameSequenceTests {
    private let key = MaskingKey(1, 2, 3, 4)

    /// The failure of the last header, as a server sees it; all before it must pass.
    private func failure(
        _ headers: FrameHeader...,
        limits: MessageLimits = MessageLimits(),
        isReserved1Negotiated: Bool = false
    ) throws -> CloseCode? {
        var sequence = FrameSequence(role: .server, limits: limits, isReserved1Negotiated: isReserved1Negotiated)
        for header in headers.dropLast() { try sequence.admit(header) }
        do {
            for header in headers.suffix(1) { try sequence.admit(header) }
            return nil
        } catch {
            return error.code
        }
    }

    private func header(
        _ opcode: Opcode,
        final isFinal: Bool = true,
        reserved1: Bool = false,
        length: Int = 1
    ) -> FrameHeader {
        FrameHeader(
            isFinal: isFinal,
            reserved1: reserved1,
            opcode: opcode,
            maskingKey: key,
            payloadLength: length
        )
    }

    @Test("RFC 6455 §5.1: a server takes masked frames only, a client unmasked ones only")
    func masks() {
        let unmasked = FrameHeader(opcode: .ping, payloadLength: 0)
        for (role, right, wrong) in [(Role.server, header(.ping), unmasked), (.client, unmasked, header(.ping))] {
            var sequence = FrameSequence(role: role, limits: MessageLimits(), isReserved1Negotiated: false)
            #expect(throws: Never.self) { try sequence.admit(right) }
            #expect(throws: ProtocolError.self) { try sequence.admit(wrong) }
        }
    }

    @Test("RFC 6455 §5.5: control frames are whole", arguments: [Opcode.close, .ping, .pong])
    func fragmentedControl(opcode: Opcode) throws {
        #expect(try failure(header(opcode, final: false)) == .protocolError)
        #expect(try failure(header(opcode)) == nil)
    }

    @Test("RFC 6455 §5.5: control frames have at most 125 bytes", arguments: [Opcode.close, .ping, .pong])
    func longControl(opcode: Opcode) throws {
        #expect(try failure(header(opcode, length: 126)) == .protocolError)
        #expect(try failure(header(opcode, length: 125)) == nil)
    }

    @Test("RFC 6455 §5.4: a continuation continues something")
    func strayContinuation() throws {
        #expect(try failure(header(.continuation)) == .protocolError)
        #expect(try failure(header(.continuation, final: false)) == .protocolError)
        #expect(try failure(header(.text), header(.continuation)) == .protocolError)
        #expect(
            try failure(header(.text, final: false), header(.continuation), header(.continuation)) == .protocolError
        )
    }

    @Test("RFC 6455 §5.4: no message begins inside another", arguments: [Opcode.text, .binary])
    func nested(opcode: Opcode) throws {
        #expect(try failure(header(.text, final: false), header(opcode)) == .protocolError)
        #expect(
            try failure(header(.text, final: false), header(.continuation, final: false), header(opcode))
                == .protocolError
        )
    }

    @Test("RFC 6455 §5.4: control frames may stand between fragments")
    func interleaved() throws {
        #expect(try failure(header(.text, final: false), header(.ping), header(.continuation)) == nil)
        #expect(try failure(header(.text, final: false), header(.continuation), header(.text)) == nil)
    }

    @Test("RFC 6455 §5.2: RSV1 must be 0 when no extension was negotiated", arguments: [Opcode.text, .binary])
    func reserved1(opcode: Opcode) throws {
        #expect(try failure(header(opcode, reserved1: true)) == .protocolError)
        #expect(try failure(header(opcode, reserved1: true), isReserved1Negotiated: true) == nil)
    }

    @Test("RFC 7692 §6.1: RSV1 is for the first frame of a message alone")
    func reserved1Elsewhere() throws {
        let first = header(.text, final: false, reserved1: true)
        #expect(
            try failure(first, header(.continuation, reserved1: true), isReserved1Negotiated: true) == .protocolError
        )
        #expect(try failure(first, header(.continuation), isReserved1Negotiated: true) == nil)
        for opcode in [Opcode.close, .ping, .pong] {
            #expect(try failure(header(opcode, reserved1: true), isReserved1Negotiated: true) == .protocolError)
        }
    }

    @Test("RFC 6455 §10.4: a message that is declared too long fails with 1009")
    func tooLong() throws {
        let limits = MessageLimits(messageLimit: 10)
        #expect(try failure(header(.text, length: 10), limits: limits) == nil)
        #expect(try failure(header(.text, length: 11), limits: limits) == .messageTooBig)
        #expect(try failure(header(.text, length: .max), limits: limits) == .messageTooBig)
    }

    @Test("RFC 6455 §10.4: the limit is for all fragments together, and their sum does not overflow")
    func tooLongTogether() throws {
        let limits = MessageLimits(messageLimit: 10)
        let first = header(.text, final: false, length: 6)
        #expect(try failure(first, header(.continuation, length: 4), limits: limits) == nil)
        #expect(try failure(first, header(.continuation, length: 5), limits: limits) == .messageTooBig)
        #expect(
            try failure(first, header(.continuation, length: .max), limits: MessageLimits(messageLimit: .max))
                == .messageTooBig
        )
        #expect(try failure(header(.text, length: 10), header(.text, length: 10), limits: limits) == nil)
        #expect(try failure(first, header(.ping, length: 100), limits: limits) == nil)
    }

    @Test("RFC 6455 §7.4.1: a message of too many fragments fails with 1008")
    func tooManyFragments() throws {
        let limits = MessageLimits(fragmentLimit: 2)
        let first = header(.text, final: false, length: 0)
        let next = header(.continuation, final: false, length: 0)
        #expect(try failure(first, next, limits: limits) == nil)
        #expect(try failure(first, next, next, limits: limits) == .policyViolation)
        #expect(try failure(first, next, header(.ping), limits: limits) == nil)
        #expect(try failure(first, header(.continuation), first, next, limits: limits) == nil)
    }
}
