import CarafeHTTP
import CarafeServer
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP2

/// Writes the response of one request, whole, and then lets the stream end.
struct HTTP2ResponseWriter: Sendable {
    let stream: HTTP2Stream
    let exchange: Exchange

    private var service: HTTPService { stream.service }

    /// Runs the handler of the request, and writes its response.
    func run(_ request: Request, atOnce: Bool) {
        let executor = stream.connection.executor
        let task =
            atOnce
            ? Task.immediate(executorPreference: executor) { await handle(request) }
            : Task(executorPreference: executor) { await handle(request) }
        exchange.run(in: task)
    }

    private func handle(_ request: Request) async {
        // The client may have left before the turn of this request.
        guard !exchange.state.isOver else { return }
        let response: Response
        do {
            response = service.finalResponse(try await service.handler(request))
        } catch {
            // A client that has left gets no answer, and its cancelled handler is no fault.
            guard !exchange.state.isOver else { return }
            response = service.answer(to: error)
        }
        await respond(with: response)
    }

    private func respond(with response: Response) async {
        guard !exchange.state.isOver else { return }
        let response = checked(response)
        do {
            if let upgrade = response.upgrade { return try take(upgrade, response) }
            try await write(response)
        } catch {
            // The head is out, so that only a reset can tell the client.
            exchange.logBreak(response, error)
            exchange.log(response, "broken off")
            return stream.reset(.internalError)
        }
        exchange.log(response)
        complete()
    }

    /// RFC 9110 §9.3.6: any 2xx to a CONNECT means a tunnel. In RFC 8441 §4 CONNECT has a resource, which may not speak
    /// the protocol; RFC 9220 §3: 501 says so.
    private func checked(_ response: Response) -> Response {
        if let upgrade = response.upgrade, !exchange.offers(upgrade.protocolName) {
            service.configuration.logger.error("expected a request for an upgrade to \(upgrade.protocolName)")
            return HTTPService.failure
        }
        guard let name = exchange.upgrades, response.upgrade == nil, response.status.kind == .successful else {
            return response
        }
        return Response(.notImplemented, text: "Expected a resource that speaks \(name).")
    }

    private func write(_ response: Response) async throws {
        // RFC 9113 §8.1: a stream ends with its response, whatever Connection says.
        _ = exchange.handle(.responseBegan(.keepAlive, isEndless: response.isEndless))
        let head = HTTP2Response(response, to: exchange.method, date: service.date.value)
        let fields = HTTP2Frame.FramePayload.headers(.init(headers: head.fields, endStream: !head.hasBody))
        guard head.hasBody else { return stream.writeLast(fields) }
        stream.write(fields)
        try await HTTP2BodyWriter(stream: stream, exchange: exchange).write(response.body)
    }

    private func complete() {
        // The last of a body in pieces has left already.
        let hasLeft = if case .ending = exchange.state.response { true } else { false }
        // With the last frame the stream may have ended.
        guard exchange.handle(.responseEnded) != .none else { return }
        stream.complete(hasLeft: hasLeft)
    }

    private func take(_ upgrade: Upgrade, _ response: Response) throws {
        guard let context = stream.context, exchange.handle(.upgradeBegan) == .upgrade else {
            throw ChannelError.operationUnsupported
        }
        let head = HTTP2Response(response, to: exchange.method, date: service.date.value)
        stream.write(.headers(.init(headers: head.fields)))
        context.flush()
        exchange.log(response)
        stream.leaveHTTP()
        let pipeline = context.pipeline.syncOperations
        try pipeline.addHandler(HTTP2Tunnel())
        try upgrade.start(context.channel)
        // RFC 8441 §5: END_STREAM is what the end of a TCP connection would be.
        if exchange.state.body == .complete { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        stream.resumeReading()
        pipeline.removeHandler(context: context, promise: nil)
    }
}
