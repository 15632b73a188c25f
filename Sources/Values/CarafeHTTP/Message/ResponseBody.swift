public import CarafeRuntime
public import NIOCore
import Synchronization

/// The body of a response.
public enum ResponseBody: Sendable {
    case none
    case text(String)
    case bytes(ByteBuffer)
    /// A part of an open file, sent without reading it into memory.
    case file(FileSlice)
    /// Produced while it is sent: the closure writes pieces, and each write waits until the connection is writable.
    case stream(@Sendable (BodyWriter) async throws -> Void)

    /// The length in bytes, if it is known before the body is sent.
    public var length: Int? {
        switch self {
        case .none: 0
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.readableBytes
        case .file(let file): file.count
        case .stream: nil
        }
    }
}

/// A writer of the pieces of a streamed body.
public struct BodyWriter: Sendable {
    private let sendNow: (@Sendable (ByteBuffer) throws -> Bool)?
    private let send: @Sendable (ByteBuffer) async throws -> Void

    /// Creates a writer that passes its pieces to a closure. Errors of the closure are thrown by `write`.
    ///
    /// It is for a server of your own, and for a middleware that changes the pieces of a streamed body:
    ///
    /// ```swift
    /// response.body = response.body.wrapped { writer, produce in
    ///     try await produce(BodyWriter { piece in try await writer.write(scrambled(piece)) })
    /// }
    /// ```
    public init(_ send: @escaping @Sendable (ByteBuffer) async throws -> Void) {
        self.init(now: nil, send)
    }

    package init(
        now sendNow: (@Sendable (ByteBuffer) throws -> Bool)?,
        _ send: @escaping @Sendable (ByteBuffer) async throws -> Void
    ) {
        self.sendNow = sendNow
        self.send = send
    }

    /// Whether `writeNow` can send a piece at all.
    package var canWriteNow: Bool { sendNow != nil }

    /// Sends a piece if the connection is writable at once.
    ///
    /// It suits code that writes little to many clients: there an `await` would be a good part of a piece's cost.
    ///
    /// - Parameter bytes: The piece.
    /// - Returns: Whether the piece was sent; if not, nothing has happened.
    /// - Throws: An error when the client has left.
    package func writeNow(_ bytes: ByteBuffer) throws -> Bool {
        try bytes.readableBytes == 0 || sendNow?(bytes) ?? false
    }

    /// Returns a writer that also passes each piece that it writes to a closure.
    ///
    /// - Parameter note: The closure. It runs on the thread on which the app writes, and must not block.
    /// - Returns: The writer.
    public func onWrite(_ note: @escaping @Sendable (ByteBuffer) -> Void) -> BodyWriter {
        let now = sendNow.map { sendNow in
            { @Sendable (piece: ByteBuffer) in
                guard try sendNow(piece) else { return false }
                note(piece)
                return true
            }
        }
        return BodyWriter(now: now) { [send] piece in
            note(piece)
            try await send(piece)
        }
    }

    /// Sends a piece at once, and returns when the connection is writable again.
    ///
    /// - Parameter bytes: The piece.
    /// - Throws: An error when the client has left.
    public func write(_ bytes: ByteBuffer) async throws {
        guard bytes.readableBytes == 0 else { return try await send(bytes) }
        // An empty piece is not sent, because as a chunk it would be the end. It still yields, and checks whether the
        // client has left, so that a loop of empty pieces ends.
        try Task.checkCancellation()
        await Task.yield()
    }

    /// Sends a piece of text, as `write(_:)` sends bytes.
    ///
    /// - Parameter text: The piece.
    /// - Throws: An error when the client has left.
    public func write(_ text: String) async throws {
        try await write(ByteBuffer(string: text))
    }
}

extension ResponseBody {
    /// Returns a body with code around the closure that makes it. A body that is at hand is returned as it is.
    ///
    /// ```swift
    /// response.body = response.body.wrapped { writer, produce in
    ///     let start = ContinuousClock.now
    ///     try await produce(writer)
    ///     print("made in", ContinuousClock.now - start)
    /// }
    /// ```
    ///
    /// - Parameter around: Gets the writer of the client and the closure of the app, and calls the closure with that
    ///   writer, or with a writer of its own. It is not called if no body is sent, as for HEAD; `Response.onEnd` is.
    /// - Returns: The body.
    public func wrapped(
        _ around:
            @escaping @Sendable (
                _ writer: BodyWriter, _ produce: @Sendable (BodyWriter) async throws -> Void
            ) async throws -> Void
    ) -> ResponseBody {
        guard case .stream(let produce) = self else { return self }
        return .stream { writer in try await around(writer, produce) }
    }

    /// Writes the body to its end, for a server of your own.
    ///
    /// A file leaves in pieces of 64 KiB, of which one at a time is in memory.
    ///
    /// - Parameter writer: The writer; each write returns when the connection is writable.
    /// - Throws: The errors of the writer and of the closure of a streamed body, and an error for a file that has
    ///   become shorter than `length`.
    public func write(to writer: BodyWriter) async throws {
        switch self {
        case .none: break
        case .text(let text): try await writer.write(text)
        case .bytes(let bytes): try await writer.write(bytes)
        case .file(let file):
            for start in stride(from: 0, to: file.count, by: Self.pieceLength) {
                let count = min(Self.pieceLength, file.count - start)
                let piece = FileSlice(file.file, offset: file.offset + start, count: count).read()
                guard piece.readableBytes == count else { throw TruncatedFileError() }
                try await writer.write(piece)
            }
        case .stream(let produce): try await produce(writer)
        }
    }

    private static var pieceLength: Int { 64 << 10 }

    /// Produces the whole body in memory, for a server or a test of your own.
    ///
    /// - Returns: The bytes.
    /// - Throws: The errors of the closure of a streamed body.
    public func collect() async throws -> ByteBuffer {
        switch self {
        case .none: return ByteBuffer()
        case .text(let text): return ByteBuffer(string: text)
        case .bytes(let bytes): return bytes
        case .file(let file): return file.read()
        case .stream(let produce):
            let whole = Mutex(ByteBuffer())
            try await produce(BodyWriter { piece in whole.withLock { _ = $0.writeImmutableBuffer(piece) } })
            return whole.withLock { $0 }
        }
    }
}

/// An error for a file that has become shorter since the head of its response was made.
package struct TruncatedFileError: Error, CustomStringConvertible {
    package init() {}

    package var description: String { "the file has become shorter while it was sent" }
}
