import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

func serveWebSocket(_ bootstrap: ServerBootstrap, on loop: any EventLoop, port: Int) async throws -> any Channel {
    let members = try await loop.submit { NIOLoopBound(Members(), eventLoop: loop) }.get()
    let upgrader = NIOWebSocketServerUpgrader(
        maxFrameSize: 1 << 20,
        shouldUpgrade: { channel, head in
            channel.eventLoop.makeSucceededFuture(head.uri == "/echo" || head.uri == "/room" ? [:] : nil)
        },
        upgradePipelineHandler: { channel, head in
            channel.eventLoop.makeCompletedFuture {
                let room = head.uri == "/room" ? members.value : nil
                try channel.pipeline.syncOperations.addHandler(WebSocketHandler(room: room))
            }
        })
    return
        try await bootstrap
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                    withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
            }
        }
        .bind(host: "127.0.0.1", port: port).get()
}

/// Everybody on "/room"; only their common loop uses it.
final class Members {
    var channels: [ObjectIdentifier: any Channel] = [:]

    func broadcast(_ frame: WebSocketFrame) {
        for channel in channels.values {
            channel.writeAndFlush(frame, promise: nil)
        }
    }
}

/// Sends a message back, or to the room where there is one; flushes an echo once per read.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let room: Members?

    init(room: Members?) {
        self.room = room
    }

    func handlerAdded(context: ChannelHandlerContext) {
        room?.channels[ObjectIdentifier(context.channel)] = context.channel
    }

    func channelInactive(context: ChannelHandlerContext) {
        room?.channels[ObjectIdentifier(context.channel)] = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        let copy = WebSocketFrame(fin: frame.fin, opcode: frame.opcode, data: frame.unmaskedData)
        switch frame.opcode {
        case .ping:
            context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: copy.data)), promise: nil)
        case .pong:
            break
        case .connectionClose:
            context.write(wrapOutboundOut(copy)).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        default:
            if let room { room.broadcast(copy) } else { context.write(wrapOutboundOut(copy), promise: nil) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
        context.fireChannelReadComplete()
    }
}
