import CarafeHTTP
import CarafeRuntime
import NIOCore
import NIOHTTP2

/// Ends an HTTP/2 connection after an error of the connection or when the client has left, never for an error of one
/// stream (RFC 9113 §5.4).
///
/// SwiftNIO fires the errors of a stream and of the connection alike into the pipeline. Its frames tell them apart:
/// RST_STREAM for a stream (§5.4.2), GOAWAY with an error code for the connection (§5.4.1). So this handler sits below
/// SwiftNIO's, looks at the frames on their way out, and is the one place that closes the connection.
// Lives on its channel's event loop.
final class HTTP2ConnectionEnd: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum Phase {
        case open
        /// GOAWAY without an error is written: the server stops.
        case ending
        /// GOAWAY with an error code is written; its flush closes the sending side.
        case failed
        /// The client has time to read GOAWAY.
        case lingering
    }

    /// The time that a client has to read GOAWAY: a close with bytes unread would send a RST, which may overtake it.
    static let lingerTime = TimeAmount.seconds(2)

    private let graceTime: TimeAmount
    private var phase = Phase.open
    private var timer: DeadlineTimer?
    /// The payload of a DATA frame is a write of its own, after that of its head.
    private var isPayloadNext = false
    private var isReading = false
    /// The last stream that the client has opened, and that anybody may have seen something of.
    private var lastStream = 0
    /// RST_STREAM or GOAWAY whose code may still change, until the frame that led to it is dealt with.
    private var held: (head: HTTP2FrameHead, bytes: ByteBuffer, promise: EventLoopPromise<Void>?)?

    /// `graceTime` is for a client to leave after a GOAWAY without an error.
    init(graceTime: TimeAmount) {
        self.graceTime = graceTime
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = DeadlineTimer(eventLoop: context.eventLoop) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    /// The client has opened a stream; their numbers rise (RFC 9113 §5.1.1).
    func streamBegan(_ number: Int) {
        lastStream = number
    }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isPayloadNext, case .byteBuffer(var bytes) = unwrapOutboundIn(data), let frame = HTTP2FrameHead(bytes)
        else {
            isPayloadNext = false
            return context.write(data, promise: promise)
        }
        switch frame.kind {
        case .data: isPayloadNext = true
        case .goAway where frame.errorCode == 0:
            // SwiftNIO waits for the answer to its PING before it counts the time.
            if phase == .open || phase == .ending {
                phase = .ending
                timer?.set(in: graceTime)
            }
        case .goAway:
            // RFC 9113 §5.4.1: "with the stream identifier of the last stream that it successfully received from its
            // peer", by which the client knows what it may send again (§8.7). SwiftNIO says all or none.
            frame.setLastStream(lastStream, in: &bytes)
            if phase == .ending, isReading, frame.isProtocolError { return hold(frame, bytes, promise, context) }
            phase = .failed
            return context.write(wrapOutboundOut(.byteBuffer(bytes)), promise: promise)
        case .resetStream where isReading && frame.isProtocolError: return hold(frame, bytes, promise, context)
        default: break
        }
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        guard phase == .failed else { return }
        phase = .lingering
        timer?.set(in: Self.lingerTime)
        context.close(mode: .output, promise: nil)
    }

    /// Corrects the code of the RST_STREAM that SwiftNIO has just written for `error`.
    ///
    /// RFC 9113 §5.1, half-closed (remote): "it MUST respond with a stream error (Section 5.4.2) of type
    /// STREAM_CLOSED".
    /// SwiftNIO does so for DATA, and says PROTOCOL_ERROR for HEADERS.
    func streamFailed(with error: NIOHTTP2Errors.BadStreamStateTransition) {
        guard error.fromState == .halfClosedRemoteLocalIdle || error.fromState == .halfClosedRemoteLocalActive else {
            return
        }
        correct(.streamClosed)
    }

    /// Takes the error out of the GOAWAY that SwiftNIO has just written for `IOOnClosedConnection`.
    ///
    /// While the server stops, and when the last stream is over, SwiftNIO takes a client's SETTINGS or HEADERS for
    /// errors. The client may have sent them before it saw GOAWAY (RFC 9113 §6.8).
    func frameCameLate() {
        correct(.noError)
    }

    private func correct(_ code: NIOHTTP2.HTTP2ErrorCode) {
        guard var frame = held else { return }
        frame.head.setErrorCode(code, in: &frame.bytes)
        held = frame
    }

    private func hold(
        _ head: HTTP2FrameHead, _ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?,
        _ context: ChannelHandlerContext
    ) {
        release(context)
        held = (head, bytes, promise)
    }

    private func release(_ context: ChannelHandlerContext) {
        guard let frame = held else { return }
        held = nil
        if frame.head.kind == .goAway, frame.head.errorCode != 0 { phase = .failed }
        context.write(wrapOutboundOut(.byteBuffer(frame.bytes)), promise: frame.promise)
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Nothing that follows an error of the connection is looked at.
        guard phase == .open || phase == .ending else { return }
        isReading = true
        context.fireChannelRead(data)
        isReading = false
        guard held != nil else { return }
        release(context)
        flush(context: context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A client that sends no more cannot open its window either (RFC 9113 §6.9), so that it has left.
        if case ChannelEvent.inputClosed = event { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    /// A failure below HTTP/2 leaves no connection for a frame.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
