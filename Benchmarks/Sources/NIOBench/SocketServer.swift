import NIOCore
import NIOPosix

/// Serves as limit.c does, on a channel of SwiftNIO: nothing is parsed, and one response is written for each read. No
/// server on SwiftNIO can be quicker.
func serveSocket(_ bootstrap: ServerBootstrap, port: Int) async throws -> any Channel {
    try await bootstrap
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(FixedAnswer())
            }
        }
        .bind(host: "127.0.0.1", port: port).get()
}

private final class FixedAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let answer = ByteBuffer(
        string: "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 13\r\n"
            + "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nHello, World!")
    private let answer = FixedAnswer.answer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard unwrapInboundIn(data).readableBytesView.suffix(4).elementsEqual("\r\n\r\n".utf8) else { return }
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }
}
