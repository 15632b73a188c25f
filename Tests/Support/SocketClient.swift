package import NIOCore
import NIOPosix
import Synchronization

/// A TCP client that sends bytes as the test says, over a real port.
package final class SocketClient {
    private let channel: any Channel
    private let arrival: Arrival
    private var pieces: AsyncStream<ByteBuffer>.Iterator
    private var waiting = ByteBuffer()

    private init(channel: any Channel, arrival: Arrival, pieces: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.arrival = arrival
        self.pieces = pieces.makeAsyncIterator()
    }

    package static func connect(port: Int) async throws -> SocketClient {
        let (pieces, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let arrival = Arrival(pieces: continuation)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(arrival)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return SocketClient(channel: channel, arrival: arrival, pieces: pieces)
    }

    package func send(_ text: String) async throws {
        try await send(ByteBuffer(string: text))
    }

    package func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes)
    }

    /// The next bytes, or nil when the server has closed its side.
    package func receive() async -> ByteBuffer? {
        if waiting.readableBytes > 0 {
            defer { waiting = ByteBuffer() }
            return waiting
        }
        return await pieces.next(isolation: #isolation)
    }

    /// Receives up to and with this text, or up to the end; later bytes are kept for the next call.
    package func receive(until end: String) async -> String {
        var all = ByteBuffer()
        while let piece = await receive() {
            all.writeImmutableBuffer(piece)
            guard let range = all.readableBytesView.firstRange(of: end.utf8),
                let found = all.readString(length: range.upperBound - all.readerIndex)
            else { continue }
            waiting = all
            return found
        }
        return String(buffer: all)
    }

    /// Everything up to the end.
    package func receiveAll() async -> String {
        var all = ByteBuffer()
        while let piece = await receive() { all.writeImmutableBuffer(piece) }
        return String(buffer: all)
    }

    /// Counts everything up to the end, and keeps nothing of it; call it before anything has come.
    package func receiveLength() async -> Int {
        arrival.onlyCounts.withLock { $0 = true }
        var length = 0
        while let piece = await receive() { length += piece.readableBytes }
        return length + arrival.count.withLock { $0 }
    }

    /// A response with a length: its head and its body.
    package func receiveResponse() async -> (head: String, body: String) {
        let head = await receive(until: "\r\n\r\n")
        let field = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let length = field.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
        var body = ByteBuffer()
        while body.readableBytes < length, let piece = await receive() { body.writeImmutableBuffer(piece) }
        let whole = body.readSlice(length: min(length, body.readableBytes)) ?? ByteBuffer()
        waiting = body
        return (head, String(buffer: whole))
    }

    package func finishSending() async throws {
        try await channel.close(mode: .output)
    }

    package func close() async throws {
        try? await channel.close()
    }

    /// With false, what the server sends stays in the socket's buffers.
    package func setReading(_ reads: Bool) async throws {
        try await channel.setOption(.autoRead, value: reads).get()
    }
}

/// Hands arriving bytes to the test.
private final class Arrival: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    let onlyCounts = Mutex(false)
    let count = Mutex(0)
    private let pieces: AsyncStream<ByteBuffer>.Continuation

    package init(pieces: AsyncStream<ByteBuffer>.Continuation) {
        self.pieces = pieces
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let piece = unwrapInboundIn(data)
        if onlyCounts.withLock({ $0 }) {
            count.withLock { $0 += piece.readableBytes }
        } else {
            pieces.yield(piece)
        }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { pieces.finish() }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        pieces.finish()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
