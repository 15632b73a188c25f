import NIOCore
import NIOHTTP1
import NIOPosix

/// The pipeline with SwiftNIO's defaults, or stripped of all that a handler which answers at once can spare.
/// Without the pipelining handler nothing holds the next request back while a file is read: so no folder there.
func serveHTTP(
    _ bootstrap: ServerBootstrap, on loop: any EventLoop, port: Int, folder: String?, stripped: Bool
) async throws -> any Channel {
    // What every connection of the loop shares is made once, on the loop.
    let shared = try await loop.submit {
        let heads = ResponseHeads()
        heads.refreshDate(every: .seconds(1), on: loop)
        return NIOLoopBound(heads, eventLoop: loop)
    }.get()
    let files = folder.map { FileReader(folder: $0, pool: .singleton) }
    return
        try await bootstrap
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.configureHTTPServerPipeline(
                    withPipeliningAssistance: !stripped, withErrorHandling: true,
                    withOutboundHeaderValidation: !stripped)
                try pipeline.addHandler(HTTPHandler(heads: shared.value, files: files))
            }
        }
        .bind(host: "127.0.0.1", port: port).get()
}

/// Answers one request at a time; where it reads a file, the pipelining handler holds the next request back.
final class HTTPHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let heads: ResponseHeads
    private let files: FileReader?
    private var uri = ""
    private var keepAlive = true

    init(heads: ResponseHeads, files: FileReader?) {
        self.heads = heads
        self.files = files
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            uri = head.uri
            keepAlive = head.isKeepAlive
        case .body:
            break
        case .end:
            route(context: context)
        }
    }

    private func route(context: ChannelHandlerContext) {
        if uri == "/" {
            write(.ok, heads.hello, ResponseHeads.helloBody, context: context)
        } else if uri.hasPrefix("/users/"), let id = Int(uri.dropFirst("/users/".count)) {
            let body = ByteBuffer(string: "user \(id)")
            write(.ok, heads.text(length: body.readableBytes), body, context: context)
        } else if let files, uri.hasPrefix("/static/") {
            writeFile(String(uri.dropFirst("/static/".count)), from: files, context: context)
        } else {
            write(.notFound, heads.notFound, ByteBuffer(), context: context)
        }
    }

    private func writeFile(_ name: String, from files: FileReader, context: ChannelHandlerContext) {
        files.load(name, on: context.eventLoop).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let bytes):
                self.write(.ok, self.heads.html(length: bytes.readableBytes), bytes, context: context)
            case .failure:
                self.write(.notFound, self.heads.notFound, ByteBuffer(), context: context)
            }
        }
    }

    private func write(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: ByteBuffer, context: ChannelHandlerContext
    ) {
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        if keepAlive {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        } else {
            context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        }
    }
}
