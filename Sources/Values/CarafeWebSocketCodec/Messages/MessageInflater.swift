import NIOCore

/// Decompresses the messages of one connection (RFC 7692 §7.2.2), each piece as it comes.
///
/// It has a decompressor only while it needs one: from the first compressed message on, or if each starts with an
/// empty window, from the first to the last byte of each.
struct MessageInflater: Sendable {
    private let limit: Int
    private let windowBits: UInt8
    private let keepsContext: Bool
    private var inflater: Inflater?

    /// - Parameters:
    ///   - parameters: what was agreed.
    ///   - role: our side.
    ///   - limit: the longest message in bytes, decompressed.
    init(_ parameters: DeflateParameters, role: Role, limit: Int) {
        let sender: Role = role == .server ? .client : .server
        windowBits = UInt8(clamping: parameters.maxWindowBits(ofSender: sender))
        keepsContext = !parameters.noContextTakeover(ofSender: sender)
        self.limit = limit
    }

    var hasContext: Bool { inflater != nil }

    /// Appends the decompressed payload to the output, and passes it through the validator if it is text.
    mutating func inflate(
        _ payload: ByteBuffer,
        isWhole: Bool,
        into output: inout ByteBuffer,
        kind: Message.Kind,
        validator: inout UTF8Validator
    ) throws(ProtocolError) {
        var current = inflater ?? Inflater(windowBits: Int(windowBits))
        // Given up here, so that `current` is the only owner and is not copied.
        inflater = nil
        var rest = payload
        var isMoreToCome = true
        while isMoreToCome {
            let start = output.writerIndex
            var failure: ProtocolError?
            do {
                isMoreToCome = try current.inflate(&rest, into: &output, limit: limit)
            } catch {
                failure = error
            }
            // What came out before a fault is looked at before it, so that the reads make no difference.
            if kind == .text, let step = output.getSlice(at: start, length: output.writerIndex - start) {
                guard validator.accept(step) else { throw .invalidText }
            }
            if let failure { throw failure }
        }
        if isWhole {
            try current.finish()
            guard kind == .binary || validator.isComplete else { throw .invalidText }
        }
        if !isWhole || keepsContext {
            inflater = current
        }
    }
}
