import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import HTTPTypes
import NIOCore

/// Writes the response of one request, whole, and then lets the connection go on.
struct HTTP1ResponseWriter: Sendable {
    let connection: HTTPConnection
    let exchange: Exchange
    let isVersion11: Bool

    private var output: HTTP1Output { connection.output }
    private var service: HTTPService { connection.service }

    /// Runs the handler of the request, and writes its response.
    func run(_ request: Request) {
        let task = Task.immediate(executorPreference: connection.connection.executor) { [service] in
            do {
                let response = service.finalResponse(try await service.handler(request))
                if case .stream = response.body {
                    stream(response)
                } else {
                    await respond(with: response)
                }
            } catch {
                await respond(with: service.answer(to: error))
            }
        }
        // The one of a stream is there already.
        if !exchange.hasTask { exchange.run(in: task) }
    }

    private func respond(with response: Response) async {
        guard let framing = begin(response) else { return }
        do {
            if exchange.method != .head, framing != .none, try !writeWhole(response.body) {
                try await HTTP1BodyWriter(connection: connection, exchange: exchange, framing: framing)
                    .write(response.body)
            }
        } catch {
            // The head is out, so that only a broken connection can tell the client.
            exchange.logBreak(response, error)
            exchange.log(response, "broken off")
            return connection.close()
        }
        complete(response)
    }

    /// Sends a response that goes on in a task of its own: a task keeps the memory of its deepest calls, here of the
    /// whole app around the handler, for as long as it runs.
    private func stream(_ response: Response) {
        let task = Task.immediate(executorPreference: connection.connection.executor) {
            await respond(with: response)
        }
        // The client may have left meanwhile.
        if exchange.state.isOver { task.cancel() } else { exchange.run(in: task) }
    }

    /// Writes the head.
    ///
    /// - Returns: How the body is framed; nil where nobody waits for it, and where the connection leaves HTTP.
    // Not inlined, as `complete`: what they work with would be in the frame of each response that goes on for long.
    @inline(never)
    private func begin(_ response: Response) -> ResponseFraming? {
        if response.upgrade != nil {
            HTTP1Upgrade(connection: connection, exchange: exchange).begin(response)
            return nil
        }
        let framing = ResponseFraming(response, isVersion11: isVersion11)
        let event = ExchangeState.Event.responseBegan(
            persistence(of: response, framing), isEndless: response.isEndless)
        guard case .writeHead(let persistence, _) = exchange.handle(event) else { return nil }
        if let length = response.body.length, length <= HTTP1Output.smallBody { output.reserve(bodyLength: length) }
        HTTP1Response(
            response: response, framing: framing, keepsAlive: persistence == .keepAlive, isVersion11: isVersion11
        ).write(into: &output.bytes, date: service.date)
        return framing
    }

    /// Returns what the response says about the connection, whatever the request does.
    private func persistence(of response: Response, _ framing: ResponseFraming) -> ExchangeState.Persistence {
        if framing == .untilClose { return .closeDelimited }
        // RFC 9110 §7.6.1: the field is a list.
        guard let options = response.headers[.connection] else { return .keepAlive }
        return TokenList(options.lowercased()).contains("close") ? .close : .keepAlive
    }

    /// Writes a body that is at hand; false for one that leaves in pieces.
    @inline(never)
    private func writeWhole(_ body: ResponseBody) throws -> Bool {
        switch body {
        case .none: break
        case .text(let text) where text.utf8.count <= pieceLength: output.bytes.writeString(text)
        case .bytes(let bytes) where bytes.readableBytes <= HTTP1Output.smallBody:
            output.bytes.writeImmutableBuffer(bytes)
        case .bytes(let bytes) where bytes.readableBytes <= pieceLength:
            output.flush()
            output.write(bytes)
        case .file(let file) where file.count <= HTTP1Output.smallBody:
            guard file.read(into: &output.bytes) == file.count else { throw TruncatedFileError() }
        case .text, .bytes, .file, .stream: return false
        }
        return true
    }

    @inline(never)
    private func complete(_ response: Response) {
        guard !exchange.state.isOver else { return }
        exchange.log(response)
        connection.exchanges.perform(exchange.handle(.responseEnded))
    }
}
