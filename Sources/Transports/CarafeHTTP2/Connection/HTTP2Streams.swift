import CarafeHTTP
import CarafeRuntime
import NIOCore
import NIOHTTP2

/// The open streams of a connection: who begins at once, who is told when the server stops, whose answers do not leave.
// Unchecked: everything is touched on the connection's event loop only.
final class HTTP2Streams: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = Any
    typealias OutboundOut = HTTP2Frame

    private let end: HTTP2ConnectionEnd
    private let writeTimeout: TimeAmount
    private var streams: [ObjectIdentifier: (channel: any Channel, stream: HTTP2Stream)] = [:]
    private var timer: DeadlineTimer?
    private var isWatching = false
    /// Whether a request has begun since the socket was read last.
    private var hasBegun = false

    /// A client has `writeTimeout` to take something of an answer.
    init(end: HTTP2ConnectionEnd, writeTimeout: TimeAmount) {
        self.end = end
        self.writeTimeout = writeTimeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = DeadlineTimer(eventLoop: context.eventLoop) { [unowned self] in checkProgress() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func add(_ stream: HTTP2Stream, on channel: any Channel) throws {
        if let number = try channel.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID) {
            end.streamBegan(Int(number))
        }
        let id = ObjectIdentifier(channel)
        streams[id] = (channel, stream)
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.streams[id] = nil }
    }

    // MARK: Requests that come together

    /// Whether a request is the first of those that one read of the socket brings: it runs in that event. The others do
    /// so only while there is time: a hundred handlers one after the other would keep the event loop from everybody
    /// else.
    func isFirstOfRead() -> Bool {
        defer { hasBegun = true }
        return !hasBegun
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        hasBegun = false
        context.fireChannelReadComplete()
    }

    // MARK: Answers that wait

    /// Looks after a stream whose answer is written and may wait for the client's window: SwiftNIO would keep it for
    /// ever.
    // One timer for all streams: most are over before it would have to be set for them.
    func watch() {
        guard !isWatching else { return }
        isWatching = true
        timer?.set(in: writeTimeout)
    }

    private func checkProgress() {
        isWatching = false
        let waiting = streams.values.filter { $0.stream.checkProgress() }
        if !waiting.isEmpty { watch() }
    }

    // MARK: Events

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelShouldQuiesceEvent {
            for entry in streams.values { entry.channel.pipeline.fireUserInboundEventTriggered(event) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// SwiftNIO has answered these errors with a frame, which `HTTP2ConnectionEnd` has seen.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as NIOHTTP2Errors.BadStreamStateTransition: end.streamFailed(with: error)
        case is NIOHTTP2Errors.IOOnClosedConnection: end.frameCameLate()
        case is NIOHTTP2Errors.UnableToSerializeFrame:
            // Of ours: the client's HPACK table may differ from now on.
            let frame = HTTP2Frame(
                streamID: .rootStream,
                payload: .goAway(lastStreamID: .maxID, errorCode: .internalError, opaqueData: nil))
            context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        default: break
        }
    }
}
