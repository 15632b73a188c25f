import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import NIOCore

/// Bodies past this length leave in pieces of it: of a file no more is in memory at a time, of other bytes no more is
/// encrypted before others have their turn.
let pieceLength = 256 << 10

/// Writes a body that leaves piece by piece: a large one, or one that is made while it is sent.
struct HTTP1BodyWriter: Sendable {
    /// From so many bytes on, a piece of a streamed body is not copied: a thousand slow readers of one stream share it.
    private static let sharedPieceSize = 1 << 10

    let connection: HTTPConnection
    let exchange: Exchange
    let framing: ResponseFraming

    private var output: HTTP1Output { connection.output }
    private var executor: EventLoopExecutor { connection.connection.executor }

    /// Writes a body up to its last byte, and waits until the system has it.
    func write(_ body: ResponseBody) async throws {
        switch body {
        case .file(let file): try await write(file)
        case .stream(let produce):
            output.flush()
            let now = { @Sendable piece in try writeNow(piece) }
            try await produce(BodyWriter(now: now) { piece in try await writePiece(piece) })
            if framing == .chunked { ChunkFraming.writeLast(into: &output.bytes) }
        case .bytes(let bytes): try await write(bytes)
        case .text(let text): try await write(ByteBuffer(string: text))
        case .none: break
        }
        try await waitUntilSent()
    }

    private func write(_ file: FileSlice) async throws {
        var sent = 0
        while sent < file.count {
            try requireOpen()
            let count = min(pieceLength, file.count - sent)
            let slice = FileSlice(file.file, offset: file.offset + sent, count: count)
            sent += count
            output.handOver()
            if connection.connection.isSecure { try writeCopy(of: slice) } else { try output.write(slice) }
            try await waitForTurn()
        }
    }

    private func write(_ bytes: ByteBuffer) async throws {
        var bytes = bytes
        while let piece = bytes.readSlice(length: min(pieceLength, bytes.readableBytes)), piece.readableBytes > 0 {
            try requireOpen()
            output.handOver()
            output.write(piece)
            try await waitForTurn()
        }
    }

    /// Encryption needs the bytes.
    private func writeCopy(of slice: FileSlice) throws {
        let piece = slice.read()
        guard piece.readableBytes == slice.count else { throw TruncatedFileError() }
        output.write(piece)
    }

    // MARK: Streams

    /// Sends a piece as soon as the channel is writable, and waits while the client does not keep up.
    private func writePiece(_ piece: ByteBuffer) async throws {
        if !executor.eventLoop.inEventLoop { return try await executor.run { try await writePiece(piece) } }
        try await connection.waiters.waitUntilWritable(output.context, exchange)
        try send(piece)
        try await waitForTurn()
    }

    /// Sends a piece if this is the event loop and the client keeps up.
    private func writeNow(_ piece: ByteBuffer) throws -> Bool {
        guard executor.eventLoop.inEventLoop, output.isWritable else { return false }
        try send(piece)
        output.flush()
        return true
    }

    private func send(_ piece: ByteBuffer) throws {
        // A writer that is kept past its response must not write into the next one.
        try requireOpen()
        guard framing == .chunked else {
            output.flush()
            return output.write(piece)
        }
        let isShared = piece.readableBytes >= Self.sharedPieceSize
        output.bytes.reserveCapacity(minimumWritableBytes: (isShared ? 0 : piece.readableBytes) + ChunkFraming.length)
        ChunkFraming.writeHead(of: piece.readableBytes, into: &output.bytes)
        if isShared {
            output.handOver()
            output.write(piece)
        } else {
            output.bytes.writeImmutableBuffer(piece)
        }
        ChunkFraming.writeEnd(into: &output.bytes)
    }

    // MARK: Waiting

    private func requireOpen() throws {
        guard !exchange.state.isOver else { throw ChannelError.ioOnClosedChannel }
    }

    /// Hands over the written bytes, and waits while the client does not keep up, or while others have their turn.
    private func waitForTurn() async throws {
        output.flush()
        try await connection.waiters.waitUntilWritable(output.context, exchange)
        if executor.isTurnOver { await Task.yield() }
    }

    /// Hands over the rest, and waits until the system has all of it: bytes that are lost before that were not sent,
    /// and the log must not say so.
    private func waitUntilSent() async throws {
        try requireOpen()
        connection.exchanges.perform(exchange.handle(.responseEnding))
        try await output.flushLast().get()
    }
}
