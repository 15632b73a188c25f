import NIOCore
import NIOHTTP2

/// The end of a stream, from the last frame of the answer on (RFC 9113 §8.1).
///
/// "A server can send a complete response prior to the client sending an entire request": the client may send the rest,
/// or is told to stop, by a reset, once the whole answer has left. Frames of the client are still checked meanwhile.
struct HTTP2StreamEnd {
    enum Step: Equatable {
        case goOn
        /// The client's body is not read any more, so that its window runs out.
        case pause
        /// The client has some time to end its request.
        case linger
        case reset(NIOHTTP2.HTTP2ErrorCode)
    }

    /// The code of the reset that ends a request which is not whole.
    private let code: NIOHTTP2.HTTP2ErrorCode
    /// Bytes of the request's body that are still taken.
    private var bytesLeft: Int
    private(set) var hasAnswerLeft = false
    /// Whether the rest of the request is not read, so that its window runs out.
    private(set) var isPaused = false
    private var isStopWanted = false
    private var increments = 0
    private var wasWaiting = false

    /// A request that was malformed ends with a stream error (RFC 9113 §8.1.1), another one without an error.
    init(bodyLimit: Int, isMalformed: Bool = false) {
        bytesLeft = bodyLimit
        code = isMalformed ? .protocolError : .noError
    }

    /// The last byte of the answer, END_STREAM with it, was written to the socket.
    mutating func answerLeft() -> Step {
        hasAnswerLeft = true
        return isStopWanted ? .reset(code) : .linger
    }

    mutating func received(_ count: Int) -> Step {
        bytesLeft -= count
        guard bytesLeft < 0 else { return .goOn }
        isStopWanted = true
        isPaused = !hasAnswerLeft
        return hasAnswerLeft ? .reset(code) : .pause
    }

    /// Checks WINDOW_UPDATE, which SwiftNIO does not on a stream whose answer has left.
    ///
    /// RFC 9113 §6.9: an increment of 0 is a stream error. §6.9.1: so is a window above 2^31-1.
    mutating func received(increment: Int) -> Step {
        if increment == 0 { return .reset(.protocolError) }
        // While data is sent SwiftNIO knows the window, and this does not.
        guard hasAnswerLeft else { return .goOn }
        increments += increment
        return increments > Int(Int32.max) ? .reset(.flowControlError) : .goOn
    }

    /// The client took something of the answer.
    mutating func madeProgress() {
        wasWaiting = false
    }

    /// Called once for each time that a client has to take something of an answer.
    mutating func checkProgress() -> Step {
        guard !hasAnswerLeft else { return .goOn }
        defer { wasWaiting = true }
        return wasWaiting ? .reset(.cancel) : .goOn
    }

    /// The time to linger is up, or the server stops.
    func timeIsUp() -> Step {
        hasAnswerLeft ? .reset(code) : .goOn
    }
}
