import NIOCore
import NIOPosix

/// A connection whose bytes a test writes and reads as text.
final class SocketClient {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var waiting = ByteBuffer()

    private init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    /// Connects to a port of 127.0.0.1 while `body` runs.
    static func connect(to port: Int, _ body: (SocketClient) async throws -> Void) async throws {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in try await body(SocketClient(inbound, outbound)) }
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Returns what comes up to this text, or up to the end; what follows it is kept for the next call.
    func receive(until end: String? = nil) async throws -> String {
        while true {
            if let end, let range = waiting.readableBytesView.firstRange(of: end.utf8) {
                return waiting.readString(length: range.upperBound - waiting.readerIndex) ?? ""
            }
            guard let piece = try await inbound.next(isolation: #isolation) else {
                defer { waiting.clear() }
                return String(buffer: waiting)
            }
            waiting.writeImmutableBuffer(piece)
        }
    }
}
