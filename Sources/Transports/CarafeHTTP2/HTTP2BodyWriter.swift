import CarafeHTTP
import CarafeRuntime
import CarafeServer
import NIOCore
import NIOHTTP2

/// Bytes of a body that leave at a time, and of a file are in memory, for each of the many streams of a connection.
private let pieceLength = 64 << 10

extension HTTP2Stream {
    /// Sends a response, to its end.
    func send(_ response: Response, _ head: HTTP2Request) async throws {
        let answer = HTTP2Response(response, to: head.method, date: service.date.value)
        let fields = HTTP2Frame.FramePayload.headers(.init(headers: answer.fields, endStream: !answer.hasBody))
        guard answer.hasBody else { return writeLast(fields) }
        write(fields)
        try await send(response.body)
    }

    private func send(_ body: ResponseBody) async throws {
        switch body {
        case .none: break
        case .text(let text): try await send(.bytes(ByteBuffer(string: text)))
        case .bytes(let bytes) where bytes.readableBytes <= pieceLength:
            writeLast(.data(.init(data: .byteBuffer(bytes), endStream: true)))
        case .bytes(var bytes):
            while bytes.readableBytes > pieceLength, let piece = bytes.readSlice(length: pieceLength) {
                try await writePiece(piece)
            }
            try await writeLastPiece(bytes)
        case .file(let file):
            var sent = 0
            while sent < file.count {
                let count = min(pieceLength, file.count - sent)
                let piece = FileSlice(file.file, offset: file.offset + sent, count: count).read()
                // The file has become shorter since the head was made.
                guard piece.readableBytes == count else { throw TruncatedFile() }
                sent += count
                if sent == file.count { try await writeLastPiece(piece) } else { try await writePiece(piece) }
            }
        case .stream(let produce):
            context?.flush()
            let now = { @Sendable [self] piece in try writeNow(piece) }
            try await produce(BodyWriter(now: now) { [self] piece in try await writePiece(piece) })
            try await writeLastPiece(ByteBuffer())
        }
    }

    /// Sends the last piece, and waits until the system has it: what is lost before that was not sent, and the log must not
    /// say so.
    private func writeLastPiece(_ bytes: ByteBuffer) async throws {
        guard case .running = phase, let context else { throw ChannelError.ioOnClosedChannel }
        isEnding = true
        timer?.set(in: timeouts.write)
        let promise = context.eventLoop.makePromise(of: Void.self)
        let frame = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(bytes), endStream: true))
        context.writeAndFlush(wrapOutboundOut(frame), promise: promise)
        try await promise.futureResult.get()
    }

    /// Sends a piece as soon as there is room for it, and waits while the client does not keep up.
    private func writePiece(_ piece: ByteBuffer) async throws {
        guard connection.eventLoop.inEventLoop else {
            return try await connection.executor.run { [self] in try await writePiece(piece) }
        }
        try await waitWhileFull()
        try sendPiece(piece)
        try await waitWhileFull()
        if connection.executor.isTurnOver { await Task.yield() }
    }

    private func waitWhileFull() async throws {
        // A write that failed may have ended the stream, and nobody would wake who waits.
        guard case .running = phase else {
            // A handler may go on in spite of the error.
            if connection.executor.isTurnOver { await Task.yield() }
            throw ChannelError.ioOnClosedChannel
        }
        if context?.channel.isWritable == false {
            // Unsafe: each continuation leaves `roomWaiters` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { roomWaiters.append($0) }
        }
    }

    /// Sends a piece if this is the event loop and the client keeps up.
    private func writeNow(_ piece: ByteBuffer) throws -> Bool {
        guard connection.eventLoop.inEventLoop, context?.channel.isWritable == true else { return false }
        try sendPiece(piece)
        return true
    }

    private func sendPiece(_ piece: ByteBuffer) throws {
        guard case .running = phase, let context else { throw ChannelError.ioOnClosedChannel }
        write(.data(.init(data: .byteBuffer(piece))))
        context.flush()
    }
}
