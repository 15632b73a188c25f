import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import HTTPTypes
import NIOCore

/// The client's side of a connection until it is a WebSocket: asks, reads the answer, and makes way.
// Unchecked: everything is touched on the channel's event loop only.
final class ClientHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The result of the handshake.
    struct Opened: Sendable {
        var connection: WebSocketConnection
        var subprotocol: String?
    }

    /// RFC 9110 §15.2: one response may have any number of interim ones before it; no server needs so many.
    private static let interimLimit = 16

    private let request: ByteBuffer
    private let handshake: ClientHandshake
    private let options: WebSocketClientOptions
    private let executor: EventLoopExecutor
    private var reader: ResponseHeadReader
    private var interimCount = 0
    private var input = ByteBuffer()
    private var timer: DeadlineTimer?
    private var opening: EventLoopPromise<Opened>?

    init(
        request: ByteBuffer, handshake: ClientHandshake, options: WebSocketClientOptions, executor: EventLoopExecutor,
        opening: EventLoopPromise<Opened>
    ) {
        self.request = request
        self.handshake = handshake
        self.options = options
        self.executor = executor
        self.opening = opening
        reader = ResponseHeadReader(limit: options.handshakeLimit)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = DeadlineTimer(eventLoop: context.eventLoop) { [unowned self] in fail(.timedOut, context) }
        timer?.set(in: TimeAmount(options.handshakeTimeout))
        // The channel is connected, or was.
        if context.channel.isActive { ask(context) } else { fail(.closed, context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        opening?.fail(WebSocketClientError.closed)
        opening = nil
    }

    private func ask(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        input.writeBuffer(&bytes)
        do {
            while opening != nil, let head = try reader.read(&input) {
                if head.isInterim { try passOver() } else { try open(head, context) }
            }
        } catch let error as WebSocketClientError {
            fail(error, context)
        } catch {
            fail(.badHandshake("\(error)"), context)
        }
    }

    private func passOver() throws(WebSocketClientError) {
        interimCount += 1
        guard interimCount <= Self.interimLimit else {
            throw .badHandshake("expected at most \(Self.interimLimit) interim responses, found more")
        }
        reader = ResponseHeadReader(limit: options.handshakeLimit)
    }

    private func open(_ head: ResponseHead, _ context: ChannelHandlerContext) throws {
        guard head.status == 101 else { throw WebSocketClientError.refused(status: head.status, headers: head.headers) }
        let answer = ClientHandshake.Response(head)
        let subprotocol = try handshake.check(answer)
        let deflate = try handshake.checkDeflate(answer)
        let connection = WebSocketConnection(
            role: .client, limits: SharedLimits(options.limits), executor: executor,
            compression: deflate.map {
                let compressors = Compressors(options: options.compression ?? DeflateOptions())
                return Compression(parameters: $0, compressors: compressors)
            })
        try context.pipeline.syncOperations.addHandler(WebSocketHandler(connection), position: .after(self))
        opening?.succeed(Opened(connection: connection, subprotocol: subprotocol))
        opening = nil
        if input.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(input))
            context.fireChannelReadComplete()
        }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { fail(.closed, context) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(ClientTLS.problem(in: error).map { .insecure($0) } ?? .closed, context)
    }

    private func fail(_ error: WebSocketClientError, _ context: ChannelHandlerContext) {
        opening?.fail(error)
        opening = nil
        context.close(promise: nil)
    }
}

extension ClientHandshake.Response {
    init(_ head: ResponseHead) {
        // RFC 9110 §5.3: several lines of one name are one value, joined by commas.
        func value(_ name: String) -> String? {
            let values = head.fields.values(of: name)
            return values.isEmpty ? nil : values.joined(separator: ", ")
        }
        self.init(
            status: head.status, upgrade: value("upgrade"), connection: value("connection"),
            accept: value("sec-websocket-accept"), subprotocol: value("sec-websocket-protocol"),
            extensions: value("sec-websocket-extensions"))
    }
}

extension ResponseHead {
    /// Whether the final response is still to come.
    ///
    /// RFC 9110 §15.2: a client must be able to parse 1xx responses, and ignores those that it does not expect; 101 is
    /// the final one of a connection that leaves HTTP.
    fileprivate var isInterim: Bool { (100..<200).contains(status) && status != 101 }

    fileprivate var headers: HTTPFields {
        var headers = HTTPFields()
        for line in fields {
            guard let name = HTTPField.Name(fields[line.name]) else { continue }
            headers.append(HTTPField(name: name, value: fields[line.value]))
        }
        return headers
    }
}
