import CarafeHTTP
import CarafeRuntime
import CarafeServer
import NIOCore
import NIOHTTP2

/// Writes the body of a response as frames of DATA (RFC 9113 §6.1).
struct HTTP2BodyWriter: Sendable {
    /// Bytes of a body that leave at a time, and of a file are in memory, for each of the many streams of a connection.
    private static let pieceLength = 64 << 10

    let stream: HTTP2Stream
    let exchange: Exchange

    private var executor: EventLoopExecutor { stream.connection.executor }

    /// Writes a body up to its last byte.
    func write(_ body: ResponseBody) async throws {
        switch body {
        case .none: break
        case .text(let text): try await write(ByteBuffer(string: text))
        case .bytes(let bytes): try await write(bytes)
        case .file(let file): try await write(file)
        case .stream(let produce):
            stream.context?.flush()
            let now = { @Sendable piece in try writeNow(piece) }
            try await produce(BodyWriter(now: now) { piece in try await writePiece(piece) })
            try await writeLastPiece(ByteBuffer())
        }
    }

    private func write(_ bytes: ByteBuffer) async throws {
        if bytes.readableBytes <= Self.pieceLength {
            return stream.writeLast(.data(.init(data: .byteBuffer(bytes), endStream: true)))
        }
        var bytes = bytes
        while bytes.readableBytes > Self.pieceLength, let piece = bytes.readSlice(length: Self.pieceLength) {
            try await writePiece(piece)
        }
        try await writeLastPiece(bytes)
    }

    private func write(_ file: FileSlice) async throws {
        var sent = 0
        while sent < file.count {
            let count = min(Self.pieceLength, file.count - sent)
            let piece = FileSlice(file.file, offset: file.offset + sent, count: count).read()
            // The file has become shorter since the head was made.
            guard piece.readableBytes == count else { throw TruncatedFileError() }
            sent += count
            if sent == file.count { try await writeLastPiece(piece) } else { try await writePiece(piece) }
        }
    }

    /// Sends the last piece, and waits until the system has it: bytes that are lost before that were not sent, and the
    /// log must not say so.
    private func writeLastPiece(_ bytes: ByteBuffer) async throws {
        guard !exchange.state.isOver, let context = stream.context else { throw ChannelError.ioOnClosedChannel }
        stream.perform(exchange.handle(.responseEnding))
        let promise = context.eventLoop.makePromise(of: Void.self)
        let frame = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(bytes), endStream: true))
        context.writeAndFlush(NIOAny(frame), promise: promise)
        try await promise.futureResult.get()
    }

    /// Sends a piece as soon as the channel is writable, and waits while the client does not keep up.
    private func writePiece(_ piece: ByteBuffer) async throws {
        if !executor.eventLoop.inEventLoop { return try await executor.run { try await writePiece(piece) } }
        try await stream.waiters.waitUntilWritable(stream.context, exchange)
        try send(piece)
        try await stream.waiters.waitUntilWritable(stream.context, exchange)
        if executor.isTurnOver { await Task.yield() }
    }

    /// Sends a piece if this is the event loop and the client keeps up.
    private func writeNow(_ piece: ByteBuffer) throws -> Bool {
        guard executor.eventLoop.inEventLoop, stream.context?.channel.isWritable == true else { return false }
        try send(piece)
        return true
    }

    private func send(_ piece: ByteBuffer) throws {
        guard !exchange.state.isOver, let context = stream.context else { throw ChannelError.ioOnClosedChannel }
        stream.write(.data(.init(data: .byteBuffer(piece))))
        context.flush()
    }
}
