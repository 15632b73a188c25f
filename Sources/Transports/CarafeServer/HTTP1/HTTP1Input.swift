import CarafeHTTP1
import NIOCore

/// The bytes that a client has sent, from the first one on that no request was made of.
struct HTTP1Input {
    /// Bytes that may wait while a request is answered.
    private static let limit = 64 << 10

    private var reader: RequestReader
    private var bytes: ByteBuffer?

    init(limits: RequestReader.Limits) {
        reader = RequestReader(limits: limits)
    }

    var isEmpty: Bool { bytes == nil }

    var isFull: Bool { bytes.map { $0.readableBytes >= Self.limit } ?? false }

    mutating func append(_ more: ByteBuffer) {
        var more = more
        if bytes == nil { bytes = more } else { bytes?.writeBuffer(&more) }
    }

    mutating func next() -> RequestReader.Event? {
        // Moved out and back in, so that the reader works on the only reference to the bytes. Without bytes it may
        // still have the end of a request to tell.
        var bytes = bytes.take() ?? ByteBuffer()
        let event = reader.next(&bytes)
        if bytes.readableBytes > 0 { self.bytes = bytes }
        return event
    }

    /// Takes the bytes that are left.
    mutating func takeRest() -> ByteBuffer? { bytes.take() }

    func begins(with text: String) -> Bool {
        bytes?.readableBytesView.starts(with: text.utf8) == true
    }
}
