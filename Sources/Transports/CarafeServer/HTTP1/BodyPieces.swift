import CarafeHTTP
import CarafeRuntime
import NIOCore

/// Bodies past this length leave in pieces of it: of a file no more is in memory at a time, of other bytes no more is
/// encrypted before others have their turn.
let pieceLength = 256 << 10

/// Bodies that leave piece by piece: large ones, and those that are made while they are sent.
extension HTTPConnection {
    func writePieces(_ body: ResponseBody, _ framing: ResponseFraming, of id: Int) async throws {
        switch body {
        case .file(let file):
            var sent = 0
            while sent < file.count {
                guard let context, exchange?.id == id else { throw ChannelError.ioOnClosedChannel }
                let count = min(pieceLength, file.count - sent)
                let slice = FileSlice(file.file, offset: file.offset + sent, count: count)
                sent += count
                writeOutput()
                if connection.isSecure { try writeCopy(of: slice) } else { try send(slice, context) }
                try await waitForRoom()
            }
        case .stream(let produce):
            flush()
            let now = { @Sendable [self] piece in try writeNow(piece, framing, of: id) }
            try await produce(BodyWriter(now: now) { [self] piece in try await writePiece(piece, framing, of: id) })
            if framing == .chunked { output.writeStaticString("0\r\n\r\n") }
        case .bytes(var bytes):
            while let piece = bytes.readSlice(length: min(pieceLength, bytes.readableBytes)), piece.readableBytes > 0 {
                guard exchange?.id == id else { throw ChannelError.ioOnClosedChannel }
                writeOutput()
                write(piece)
                try await waitForRoom()
            }
        case .text(let text): return try await writePieces(.bytes(ByteBuffer(string: text)), framing, of: id)
        case .none: break
        }
        try await waitUntilSent(id)
    }

    /// Sends a piece as soon as there is room for it, and waits while the client does not keep up.
    private func writePiece(_ piece: ByteBuffer, _ framing: ResponseFraming, of id: Int) async throws {
        if !eventLoop.inEventLoop {
            return try await connection.executor.run { [self] in try await writePiece(piece, framing, of: id) }
        }
        try await waitWhileFull()
        try sendPiece(piece, framing, of: id)
        try await waitForRoom()
    }

    /// Sends a piece if this is the event loop and the client keeps up.
    private func writeNow(_ piece: ByteBuffer, _ framing: ResponseFraming, of id: Int) throws -> Bool {
        guard eventLoop.inEventLoop, context?.channel.isWritable == true else { return false }
        try sendPiece(piece, framing, of: id)
        flush()
        return true
    }

    private func sendPiece(_ piece: ByteBuffer, _ framing: ResponseFraming, of id: Int) throws {
        // A writer that is kept past its response must not write into the next one.
        guard phase == .open, context != nil, exchange?.id == id else { throw ChannelError.ioOnClosedChannel }
        guard framing == .chunked else {
            flush()
            return write(piece)
        }
        let isShared = piece.readableBytes >= Self.sharedPieceSize
        output.reserveCapacity(minimumWritableBytes: (isShared ? 0 : piece.readableBytes) + 20)
        // RFC 9112 §7.1: the size in hexadecimal, the data, and a line end after each.
        output.writeString(String(piece.readableBytes, radix: 16))
        output.writeStaticString("\r\n")
        if isShared {
            writeOutput()
            write(piece)
        } else {
            output.writeImmutableBuffer(piece)
        }
        output.writeStaticString("\r\n")
    }

    /// Encryption needs the bytes.
    private func writeCopy(of slice: FileSlice) throws {
        let piece = slice.read()
        guard piece.readableBytes == slice.count else { throw TruncatedFile() }
        write(piece)
    }

    /// Has the system send the bytes by itself (sendfile(2)).
    private func send(_ slice: FileSlice, _ context: ChannelHandlerContext) throws {
        // Of one that is cut off later, SwiftNIO tries to send what is missing until the write time is over.
        guard slice.isThere else { throw TruncatedFile() }
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: slice.file.descriptor)
        let region = FileRegion(fileHandle: handle, readerIndex: slice.offset, endIndex: slice.offset + slice.count)
        let promise = eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [file = slice.file] _ in
            // The descriptor is the file's, which has to stay open up to here.
            withExtendedLifetime(file) { _ = try? handle.takeDescriptorOwnership() }
        }
        context.write(wrapOutboundOut(.fileRegion(region)), promise: promise)
    }

    /// Hands over what is written, and waits while the client does not keep up, or while others have their turn.
    private func waitForRoom() async throws {
        flush()
        try await waitWhileFull()
        if connection.executor.isTurnOver { await Task.yield() }
    }

    /// Hands over what is left, and waits until the system has all of it: what is lost before that was not sent, and the
    /// log must not say so.
    private func waitUntilSent(_ id: Int) async throws {
        guard let context, phase == .open, exchange?.id == id else { throw ChannelError.ioOnClosedChannel }
        exchange?.isEnding = true
        timer?.set(in: timeouts.write)
        let last = output
        output = ByteBuffer()
        let promise = eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(last)), promise: promise)
        try await promise.futureResult.get()
    }

    private func waitWhileFull() async throws {
        // A write that failed has closed the connection in the flush, and nobody would wake who waits.
        guard phase == .open else {
            // A handler may go on in spite of the error.
            if connection.executor.isTurnOver { await Task.yield() }
            throw ChannelError.ioOnClosedChannel
        }
        if context?.channel.isWritable == false {
            // Unsafe: each continuation leaves `roomWaiters` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { roomWaiters.append($0) }
        }
    }
}

/// A file that has become shorter while it was sent.
package struct TruncatedFile: Error, CustomStringConvertible {
    package init() {}

    package var description: String { "the file has become shorter while it was sent" }
}
