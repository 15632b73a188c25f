import CarafeHTTP
import CarafeHTTP1Codec
import HTTPTypes
import Logging
import NIOCore

/// Bodies up to this length leave in one buffer with their head, and so in one write.
private let smallBody = 64 << 10
/// What most heads fit in, so that head and body are allocated together.
private let headRoom = 384
/// Bytes of a file that are in memory at a time.
private let filePiece = 256 << 10

extension HTTPConnection {
    /// Sends the response of a request, and takes the next.
    func respond(with response: Response, to id: Int) async {
        guard let begun = begin(response, to: id) else { return }
        do {
            if begun.hasBody, try !writeWhole(response.body) {
                try await writePieces(response.body, begun.framing, of: id)
            }
        } catch {
            // The head is out, so that only a broken connection can tell the client.
            logAccess(begun, response, "broken off")
            return close()
        }
        complete(response, begun)
    }

    /// A response whose head is written, and of its request what is still needed.
    private struct BegunResponse {
        let id: Int
        let number: UInt64
        let method: HTTPRequest.Method
        let target: Target
        let start: NIODeadline
        let framing: ResponseFraming
        let keepsAlive: Bool
        let hasBody: Bool

        init(_ exchange: Exchange, _ framing: ResponseFraming, keepsAlive: Bool) {
            id = exchange.id
            number = exchange.number
            method = exchange.method
            target = exchange.target
            start = exchange.start
            self.framing = framing
            self.keepsAlive = keepsAlive
            hasBody = method != .head && framing != .none
        }
    }

    /// Writes the head; nil where nobody waits for it, and where the connection leaves HTTP with it.
    // Not inlined, as what ends it: what they work with would be in the frame of each response that goes on for long.
    @inline(never)
    private func begin(_ response: Response, to id: Int) -> BegunResponse? {
        guard let exchange, exchange.id == id, phase == .open else { return nil }
        if response.upgrade != nil {
            upgrade(with: response)
            return nil
        }
        let framing = ResponseFraming(response, isVersion11: exchange.isVersion11)
        let keepsAlive =
            exchange.keepsAlive && exchange.isBodyComplete && !isStopping && framing != .untilClose
            && response.headers[.connection]?.lowercased() != "close"
        if let length = response.body.length, length <= smallBody {
            output.reserveCapacity(minimumWritableBytes: headRoom + length)
        }
        ResponseHead(response: response, framing: framing, keepsAlive: keepsAlive, isVersion11: exchange.isVersion11)
            .write(into: &output, date: service.date)
        if response.isEndless {
            self.exchange?.isEndless = true
            if isStopping { withUnsafeCurrentTask { $0?.cancel() } }
        }
        return BegunResponse(exchange, framing, keepsAlive: keepsAlive)
    }

    @inline(never)
    private func logAccess(_ begun: BegunResponse, _ response: Response, _ note: String? = nil) {
        accessLog.write(begun.method, begun.target, number: begun.number, since: begun.start, response, note)
    }

    @inline(never)
    private func complete(_ response: Response, _ begun: BegunResponse) {
        guard phase == .open, exchange?.id == begun.id else { return }
        logAccess(begun, response)
        exchange?.body?.finish()
        exchange = nil
        // The server may have been told to stop after the head went out.
        guard begun.keepsAlive, !isStopping else { return finishAndClose() }
        // Of many small answers to one read, no more waits here than the socket is asked to take.
        if output.readableBytes >= smallBody { flush() }
        if context?.channel.isWritable == true { timer?.set(in: timeouts.idle) }
        // In `process` already when the handler did not suspend; its loop goes on, and the end of the read flushes.
        resumeProcessing()
    }

    /// Writes a body that is at hand; false for one that comes in pieces.
    @inline(never)
    private func writeWhole(_ body: ResponseBody) throws -> Bool {
        switch body {
        case .none: break
        case .text(let text): output.writeString(text)
        case .bytes(let bytes) where bytes.readableBytes <= smallBody: output.writeImmutableBuffer(bytes)
        case .bytes(let bytes):
            flush()
            write(bytes)
        case .file(let file) where file.count <= smallBody:
            guard file.read(into: &output) == file.count else { throw TruncatedFile() }
        case .file, .stream: return false
        }
        return true
    }

    private func writePieces(_ body: ResponseBody, _ framing: ResponseFraming, of id: Int) async throws {
        switch body {
        case .file(let file):
            var sent = 0
            while sent < file.count {
                guard let context, exchange?.id == id else { throw ChannelError.ioOnClosedChannel }
                let count = min(filePiece, file.count - sent)
                let slice = FileSlice(file.file, offset: file.offset + sent, count: count)
                sent += count
                writeOutput()
                if connection.isSecure { try writeCopy(of: slice) } else { try send(slice, context) }
                try await waitForRoom()
                // A socket may take megabytes at once, and all others would wait for that.
                if sent < file.count { await connection.executor.letOthersRun() }
            }
        case .stream(let produce):
            flush()
            try await produce(BodyWriter { [self] piece in try await writePiece(piece, framing, of: id) })
            if framing == .chunked { output.writeStaticString("0\r\n\r\n") }
        case .none, .text, .bytes: break
        }
    }

    /// Sends a piece, and waits while the client does not keep up.
    private func writePiece(_ piece: ByteBuffer, _ framing: ResponseFraming, of id: Int) async throws {
        if !eventLoop.inEventLoop {
            return try await connection.executor.run { [self] in try await writePiece(piece, framing, of: id) }
        }
        // A writer that is kept past its response must not write into the next one.
        guard phase == .open, context != nil, exchange?.id == id else { throw ChannelError.ioOnClosedChannel }
        if framing == .chunked {
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
        } else {
            flush()
            write(piece)
        }
        try await waitForRoom()
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

    /// Hands over what is written, and waits while the client does not keep up.
    private func waitForRoom() async throws {
        flush()
        if context?.channel.isWritable == false {
            // Unsafe: each continuation leaves `roomWaiters` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { roomWaiters.append($0) }
        }
    }

    private func write(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
    }

    /// Hands what is written to the socket.
    func flush() {
        writeOutput()
        context?.flush()
    }

    private func writeOutput() {
        guard output.readableBytes > 0 else { return }
        write(output)
        output = ByteBuffer()
    }

    /// Sends what is left, closes the sending side, and waits for the client to do the same, so that it can read the
    /// last response even while it still sends (RFC 9112 §9.6).
    func finishAndClose() {
        guard let context, phase == .open else { return }
        phase = .closing
        _ = takeInput()
        let last = output
        output = ByteBuffer()
        timer?.set(in: timeouts.write)
        resumeReading()
        let promise = eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(last)), promise: promise)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.linger() }
    }

    private func linger() {
        guard phase == .closing, let context else { return }
        if inputEnded { return close() }
        phase = .lingering
        timer?.set(in: isStopping ? Self.stoppingLingerTime : Self.lingerTime)
        context.close(mode: .output, promise: nil)
    }

    // MARK: Refusals that no handler sees

    func reject(_ failure: RequestFailure) {
        service.configuration.logger.debug("request refused", metadata: ["reason": "\(failure.reason)"])
        reject(Self.status(of: failure), failure.reason)
    }

    /// The status with its phrase, of those that the reader gives.
    private static func status(of failure: RequestFailure) -> HTTPResponse.Status {
        let known: [HTTPResponse.Status] = [
            .badRequest, .contentTooLarge, .uriTooLong, .expectationFailed, .requestHeaderFieldsTooLarge,
            .notImplemented,
            .httpVersionNotSupported,
        ]
        return known.first { $0.code == failure.status } ?? .badRequest
    }

    func rejectSlow() {
        reject(.requestTimeout, "Expected the request sooner.")
    }

    func reject(_ status: HTTPResponse.Status, _ reason: String) {
        exchange?.clientLeft()
        exchange = nil
        let response = Response(status, text: reason)
        ResponseHead(
            response: response, framing: .length(reason.utf8.count), keepsAlive: false, isVersion11: true
        ).write(into: &output, date: service.date)
        output.writeString(reason)
        finishAndClose()
    }

    // MARK: Leaving HTTP

    private func upgrade(with response: Response) {
        guard let upgrade = response.upgrade, let context, let exchange else { return }
        guard exchange.wantsUpgrade else {
            return reject(.internalServerError, "Expected a request that asks for an upgrade.")
        }
        guard exchange.isBodyComplete else { return reject(.badRequest, "Expected a handshake without a body.") }
        var response = response
        response.status = .switchingProtocols
        ResponseHead(response: response, framing: .none, keepsAlive: true, isVersion11: true)
            .write(into: &output, date: service.date)
        flush()
        logAccess(BegunResponse(exchange, .none, keepsAlive: true), response)
        self.exchange = nil
        phase = .upgraded
        timer?.cancel()
        let early = takeInput()
        #if os(Linux)
            // What HTTP asks of a client ends with it; whoever takes over has times of its own.
            _ = context.channel.setOption(.tcpOption(.userTimeout), value: 0)
        #endif
        do {
            try upgrade.take(context.channel)
        } catch {
            service.configuration.logger.error("an upgrade failed", metadata: ["error": "\(error)"])
            return close()
        }
        if isStopping { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        if let early {
            context.fireChannelRead(wrapInboundOut(early))
            context.fireChannelReadComplete()
        }
        resumeReading()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}

/// A file that has become shorter while it was sent.
private struct TruncatedFile: Error {}
