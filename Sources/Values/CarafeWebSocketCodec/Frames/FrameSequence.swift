/// The rules that a frame header must keep among the others (RFC 6455 §5.4 and §5.5).
struct FrameSequence: Sendable {
    let role: Role
    let limits: MessageLimits
    let isReserved1Negotiated: Bool

    /// Whether fragments of a message are to come.
    private(set) var isInsideMessage = false
    private var lengthLimit = 0
    private var declaredLength = 0
    private var fragments = 0

    init(role: Role, limits: MessageLimits, isReserved1Negotiated: Bool) {
        self.role = role
        self.limits = limits
        self.isReserved1Negotiated = isReserved1Negotiated
    }

    /// Checks the next header against those before it.
    mutating func admit(_ header: FrameHeader) throws(ProtocolError) {
        try checkMask(header)
        if header.opcode.isControl {
            try checkControl(header)
        } else {
            try checkOrder(header)
            try count(header)
        }
    }

    private func checkMask(_ header: FrameHeader) throws(ProtocolError) {
        // RFC 6455 §5.1: a server closes when a frame is not masked, a client when one is.
        switch (role, header.maskingKey) {
        case (.server, nil): throw .protocolError("expected a masked frame from a client")
        case (.client, .some): throw .protocolError("expected an unmasked frame from a server")
        default: return
        }
    }

    private func checkControl(_ header: FrameHeader) throws(ProtocolError) {
        // RFC 6455 §5.5: a control frame has at most 125 bytes and is not fragmented.
        guard header.isFinal else { throw .protocolError("expected a whole control frame, found a fragment") }
        guard header.payloadLength <= 125 else {
            throw .protocolError("expected at most 125 bytes in a control frame, found \(header.payloadLength)")
        }
        // RFC 7692 §6.1: an endpoint must not set the bit on control frames.
        guard !header.reserved1 else { throw .protocolError("expected RSV1 to be 0 in a control frame") }
    }

    private mutating func checkOrder(_ header: FrameHeader) throws(ProtocolError) {
        // RFC 6455 §5.4: the fragments of a message follow each other, with only control frames between them.
        if header.opcode == .continuation {
            guard isInsideMessage else { throw .protocolError("expected a new message, found a continuation") }
            // RFC 7692 §6.1: nor on a data frame that is not the first of its message.
            guard !header.reserved1 else { throw .protocolError("expected RSV1 to be 0 in a continuation") }
        } else {
            guard !isInsideMessage else { throw .protocolError("expected a continuation, found a new message") }
            guard !header.reserved1 || isReserved1Negotiated else {
                throw .protocolError("expected RSV1 to be 0, no extension was negotiated")
            }
        }
        isInsideMessage = !header.isFinal
    }

    private mutating func count(_ header: FrameHeader) throws(ProtocolError) {
        if header.opcode != .continuation {
            declaredLength = 0
            fragments = 0
            lengthLimit = header.reserved1 ? limits.compressedLimit : limits.messageLimit
        }
        // declaredLength never passes the limit, so the right side cannot overflow as a sum of lengths could.
        guard header.payloadLength <= lengthLimit - declaredLength else {
            throw .messageTooBig(limit: limits.messageLimit)
        }
        declaredLength += header.payloadLength
        fragments += 1
        // RFC 6455 §7.4.1: 1009 is for a message that is too big, which this one is not; 1008 is the general code.
        guard fragments <= limits.fragmentLimit else {
            throw ProtocolError(
                code: .policyViolation,
                reason: "expected a message of at most \(limits.fragmentLimit) fragments"
            )
        }
    }
}
