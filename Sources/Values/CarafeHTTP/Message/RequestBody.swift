package import CarafeRuntime
import HTTPTypes
public import NIOCore

/// The body of a request: whole if it came with the head, else a sequence of the pieces as they arrive.
///
/// Reading it asks the client for more, with backpressure: bytes that are not read stay in the client's socket. At the
/// first read `Expect: 100-continue` is answered.
public struct RequestBody: AsyncSequence, Sendable {
    /// The limit of a body for which neither the app nor the route sets another: 1 MiB.
    public static let defaultLimit = 1 << 20

    private enum Source: Sendable {
        case whole(ByteBuffer)
        case arriving(BodyQueue)
        /// Pieces that come from another server.
        case produced(@Sendable () async throws -> ByteBuffer?)
        /// Bytes that were put back, and the source of the pieces after them.
        indirect case putBack(ByteBuffer, Source)
    }

    private var source: Source

    /// The largest number of bytes that may be read; beyond it reading throws 413.
    public var limit = RequestBody.defaultLimit

    /// The length that the head declares, in bytes; nil for a chunked body, whose length shows at its end.
    public let declaredLength: Int?

    /// Creates a body that is at hand.
    public init(_ bytes: ByteBuffer = ByteBuffer()) {
        source = .whole(bytes)
        declaredLength = bytes.readableBytes
    }

    /// Creates a body that arrives while it is read, for a server or a test of your own.
    ///
    /// `next` is called once for each piece, when the app asks for it. A server that reads its socket only then exerts
    /// backpressure on the client. The body can be read once.
    ///
    /// - Parameters:
    ///   - declaredLength: The length that the head declares; nil for a body whose length shows at its end.
    ///   - next: Returns the next piece, or nil after the last one. Its errors are thrown to the reader of the body.
    public init(declaredLength: Int? = nil, next: @escaping @Sendable () async throws -> ByteBuffer?) {
        source = .produced(next)
        self.declaredLength = declaredLength
    }

    package init(arriving queue: BodyQueue, declaredLength: Int?) {
        source = .arriving(queue)
        self.declaredLength = declaredLength
    }

    /// Puts back the bytes that an iterator took, so that the next iterator begins with them.
    package mutating func putBack(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        switch source {
        // A whole body stays, however often it was read.
        case .whole: break
        case .arriving, .produced: source = .putBack(bytes, source)
        // A reader gets the bytes that were put back first, so these bytes contain them.
        case .putBack(_, let rest): source = .putBack(bytes, rest)
        }
    }

    /// Throws 413 if the declared length is more than the limit.
    package func checkDeclaredLength() throws(HTTPError) {
        if let declaredLength, declaredLength > limit { throw tooLarge }
    }

    fileprivate var tooLarge: HTTPError {
        HTTPError(.contentTooLarge, "Expected a body of at most \(limit) bytes.")
    }

    /// Reads the whole body.
    ///
    /// - Returns: The bytes.
    /// - Throws: `HTTPError` 413 past the limit, and 400 or 408 if the client breaks off.
    public func collect() async throws -> ByteBuffer {
        try checkDeclaredLength()
        if case .whole(let bytes) = source { return bytes }
        var whole = ByteBuffer()
        for try await piece in self { whole.writeImmutableBuffer(piece) }
        return whole
    }

    /// Reads the whole body as text.
    ///
    /// - Returns: The text.
    /// - Throws: `HTTPError` 400 for bytes that are not UTF-8, and the errors of reading the bytes.
    public func text() async throws -> String {
        let bytes = try await collect()
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            throw HTTPError(.badRequest, "Expected a body in UTF-8.")
        }
        return text
    }

    /// An iterator over the pieces of a body.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let body: RequestBody
        fileprivate var taken = 0
        fileprivate var isDone = false
        private var isPutBackTaken = false

        fileprivate init(body: RequestBody) {
            self.body = body
        }

        /// Returns the next piece, or nil at the end of the body.
        ///
        /// - Throws: `HTTPError` 413 past the limit, and the errors of the connection.
        public mutating func next() async throws -> ByteBuffer? {
            // However the body is split: a declared length past the limit is refused before the first byte.
            if taken == 0, !isDone { try body.checkDeclaredLength() }
            guard !isDone, let piece = try await nextPiece() else {
                isDone = true
                return nil
            }
            taken += piece.readableBytes
            if taken > body.limit {
                isDone = true
                throw body.tooLarge
            }
            return piece
        }

        private mutating func nextPiece() async throws -> ByteBuffer? {
            switch body.source {
            case .putBack(let bytes, _) where !isPutBackTaken:
                isPutBackTaken = true
                return bytes
            case .arriving(let queue), .putBack(_, .arriving(let queue)): return try await queue.next()
            case .produced(let next), .putBack(_, .produced(let next)): return try await next()
            case .whole(let bytes):
                isDone = true
                return bytes.readableBytes == 0 ? nil : bytes
            // Only a body that arrives is put back.
            case .putBack: return nil
            }
        }
    }

    /// Returns an iterator over the pieces of the body.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(body: self)
    }
}
