import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import HTTPTypes
import Logging
import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Bodies up to this length leave in one buffer with their head, and so in one write.
private let smallBody = 64 << 10
/// What most heads fit in, so that head and body are allocated together.
private let headRoom = 384

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
            logBreak(begun, response, error)
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
            && !asksToClose(response)
        if let length = response.body.length, length <= smallBody {
            output.reserveCapacity(minimumWritableBytes: headRoom + length)
        }
        ResponseHead(response: response, framing: framing, keepsAlive: keepsAlive, isVersion11: exchange.isVersion11)
            .write(into: &output, date: service.date)
        self.exchange?.answer = framing
        // RFC 9110 §10.1.1: no 100 once the final status was sent; it would stand in the body.
        self.exchange?.awaitsContinue = false
        if response.isEndless {
            self.exchange?.isEndless = true
            if isStopping || inputEnded { withUnsafeCurrentTask { $0?.cancel() } }
        }
        return BegunResponse(exchange, framing, keepsAlive: keepsAlive)
    }

    @inline(never)
    private func logAccess(_ begun: BegunResponse, _ response: Response, _ note: String? = nil) {
        accessLog.write(begun.method, begun.target, number: begun.number, since: begun.start, response, note)
    }

    /// Logs an error of the app, and nothing where the client has left or the server stops.
    @inline(never)
    private func logBreak(_ begun: BegunResponse, _ response: Response, _ error: any Error) {
        // Before `isEnding` writes throw only where the connection is no longer open.
        guard phase == .open, let exchange, exchange.id == begun.id, !exchange.isEnding, !Task.isCancelled else {
            return
        }
        service.logBreak(of: response, to: begun.method, begun.target, number: begun.number, error)
    }

    /// RFC 9110 §7.6.1: the field is a list.
    private func asksToClose(_ response: Response) -> Bool {
        guard let options = response.headers[.connection] else { return false }
        return TokenList(options.lowercased()).contains("close")
    }

    /// Where to close the connection from, so that a client can tell a response that is not complete.
    func closingContext(_ context: ChannelHandlerContext) -> ChannelHandlerContext {
        // RFC 9112 §8: a body without a length is complete at a clean end of the connection, and not at a RST.
        guard exchange?.answer == .untilClose else { return context }
        if let channel = context.channel as? any SocketOptionProvider {
            channel.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
        }
        // RFC 8446 §6.1: nor without a close_notify, which is sent where the connection is closed above its encryption.
        let encryption = try? context.pipeline.syncOperations.context(name: encryptionHandlerName)
        return encryption ?? context
    }

    /// A client that has left before its answer has a line too.
    func logUnanswered() {
        guard let exchange, exchange.answer == nil, !isStopping else { return }
        logAccess(BegunResponse(exchange, .none, keepsAlive: false), Response(.clientClosedRequest), "client left")
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
        case .text(let text) where text.utf8.count <= pieceLength: output.writeString(text)
        case .bytes(let bytes) where bytes.readableBytes <= smallBody: output.writeImmutableBuffer(bytes)
        case .bytes(let bytes) where bytes.readableBytes <= pieceLength:
            flush()
            write(bytes)
        case .file(let file) where file.count <= smallBody:
            guard file.read(into: &output) == file.count else { throw TruncatedFile() }
        case .text, .bytes, .file, .stream: return false
        }
        return true
    }

    func write(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
    }

    /// Hands what is written to the socket.
    func flush() {
        writeOutput()
        context?.flush()
    }

    /// Hands over what is written; a flush sends it.
    func writeOutput() {
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
        promise.futureResult.assumeIsolated().whenComplete { _ in self.awaitClose() }
    }

    private func awaitClose() {
        guard phase == .closing, let context else { return }
        if inputEnded { return close() }
        phase = .lingering
        lingersUntil = eventLoop.now + timeouts.linger * 6
        setLingerDeadline()
        context.close(mode: .output, promise: nil)
    }

    /// Closing with bytes unread would send a RST, and that could overtake the response (RFC 9112 §9.6): a client that
    /// goes on sending, before it looks for an answer, gets more time, with a bound.
    func setLingerDeadline() {
        if isStopping { lingersUntil = min(lingersUntil, eventLoop.now + min(timeouts.linger, .seconds(1))) }
        timer?.set(in: min(timeouts.linger, lingersUntil - eventLoop.now))
    }

    // MARK: Refusals that no handler sees

    func reject(_ failure: RequestFailure) {
        service.configuration.logger.debug("request refused", metadata: ["reason": "\(failure.reason)"])
        // Of a head that failed, what was read so far still lies in the input.
        let isHead = exchange.map { $0.method == .head } ?? inputBegins(with: "HEAD ")
        reject(Self.status(of: failure), failure.reason, isHead: isHead)
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
        reject(.requestTimeout, "Expected the request sooner.", isHead: inputBegins(with: "HEAD "))
    }

    /// RFC 9110 §9.3.2: no content answers a HEAD.
    func reject(_ status: HTTPResponse.Status, _ reason: String, isHead: Bool) {
        exchange?.clientLeft()
        // A second head would stand in the body of the first response.
        if exchange?.answer != nil { return close() }
        exchange = nil
        let response = Response(status, text: reason)
        ResponseHead(
            response: response, framing: .length(reason.utf8.count), keepsAlive: false, isVersion11: true
        ).write(into: &output, date: service.date)
        if !isHead { output.writeString(reason) }
        finishAndClose()
    }

    // MARK: Leaving HTTP

    private func upgrade(with response: Response) {
        guard let upgrade = response.upgrade, let context, let exchange else { return }
        let isHead = exchange.method == .head
        // RFC 9110 §7.8: a server must not switch to a protocol that the client did not name.
        guard exchange.upgrades.map({ TokenList($0).contains(upgrade.protocolName.lowercased()) }) == true else {
            let message = "Expected a request that asks for an upgrade to \(upgrade.protocolName)."
            return reject(.internalServerError, message, isHead: isHead)
        }
        guard exchange.isBodyComplete else {
            return reject(.badRequest, "Expected a handshake without a body.", isHead: isHead)
        }
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
        if inputEnded { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        resumeReading()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
