import CCarafeHiredis
package import NIOCore

/// Reads replies in RESP2 from bytes, by hiredis' parser.
///
/// The parser's memory is bounded by the size limit, its depth by hiredis: 7 arrays in each other.
package struct RedisReplyReader: ~Copyable {
    // hiredis allocates it, and `deinit` frees it.
    private let reader: UnsafeMutablePointer<redisReader>
    private let builder: ReplyBuilder

    /// - Parameter sizeLimit: The most bytes of one reply.
    package init(sizeLimit: Int = 64 << 20) {
        guard let reader = redisReaderCreateWithFunctions(ReplyBuilder.functions.pointer) else {
            // Swift's own allocations end the program too.
            fatalError("expected memory for a reader of replies")
        }
        self.reader = reader
        builder = ReplyBuilder(sizeLimit: sizeLimit)
        // Not retained: the reader calls the builder within `next()` only, and this value holds both.
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Adds bytes from the peer.
    ///
    /// - Throws: `RedisProtocolError.tooLarge` when the bytes that are no whole value yet are past the limit.
    package mutating func append(_ bytes: ByteBuffer) throws(RedisProtocolError) {
        let held = reader.pointee.len - reader.pointee.pos
        guard held + bytes.readableBytes <= builder.sizeLimit + Self.slack else {
            throw .tooLarge(limit: builder.sizeLimit)
        }
        let status = bytes.withUnsafeReadableBytes { bytes in
            // Redis' bytes are `char` to C.
            redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard status == REDIS_OK else { throw problem }
    }

    /// One read of a socket may hold the end of a reply of the greatest size and the beginning of more.
    private static let slack = 1 << 20

    /// Returns the next reply, or nil when its last bytes are not there yet.
    ///
    /// - Throws: `RedisProtocolError` when the bytes are no reply, and then at each later call.
    package mutating func next() throws(RedisProtocolError) -> RedisReply? {
        // A mark of hiredis' that the reply is whole; the reply is the builder's.
        var mark: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &mark) == REDIS_OK else { throw problem }
        guard mark != nil else { return nil }
        guard let reply = builder.take() else { throw .malformed("a type that RESP2 does not have") }
        return reply
    }

    private var problem: RedisProtocolError {
        if builder.isTooLarge { return .tooLarge(limit: builder.sizeLimit) }
        // A tuple of 128 bytes in Swift, which hiredis ends with a zero.
        return withUnsafeBytes(of: &reader.pointee.errstr) { bytes in
            .malformed(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}
