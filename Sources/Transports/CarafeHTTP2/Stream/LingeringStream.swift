import CarafeServer
import NIOCore
import NIOHTTP2

/// A stream from the last frame of its response on: that may still wait, and the request's body may still come.
// Lives on its channel's event loop, as its stream does, which owns it.
final class LingeringStream {
    /// The time in which a client may go on with a request that was answered. The reset after it loses nothing of the
    /// answer, which has left before.
    private static let time = TimeAmount.seconds(2)

    private unowned let stream: HTTP2Stream
    private(set) var end: HTTP2StreamEnd

    init(of stream: HTTP2Stream, _ end: HTTP2StreamEnd) {
        self.stream = stream
        self.end = end
    }

    /// Takes an event, and carries out its step.
    func take(_ event: (inout HTTP2StreamEnd) -> HTTP2StreamEnd.Step) {
        switch event(&end) {
        case .goOn, .pause: break
        case .linger where stream.isStopping: take { $0.timeIsUp() }
        case .linger: stream.timer?.set(.linger, in: Self.time)
        case .reset(let code): stream.reset(code)
        }
    }

    func writable() {
        if end.hasAnswerLeft { stream.timer?.set(.linger, in: Self.time) } else { stream.timer?.clear() }
        end.madeProgress()
    }

    func deadlinePassed(_ deadline: Deadline) {
        if deadline == .write { stream.reset(.cancel) } else { take { $0.timeIsUp() } }
    }
}
