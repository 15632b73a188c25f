package import NIOCore

/// A request and its response, in either version of HTTP, as a state machine: events in, actions out. It performs
/// nothing.
///
/// An exchange ends once: it is answered, refused, handed to another protocol, or cut. Nothing follows an end.
package struct ExchangeState: Sendable, Equatable {
    /// The body of the request.
    package enum Body: Sendable, Equatable {
        /// The body is read and passed on as it comes.
        case flowing
        /// The body is not read: as much of it waits for the handler as may wait.
        case paused
        /// The body is the other protocol's, if that takes over the stream (RFC 8441 §5), and is not read before.
        case held
        /// All of it is there.
        case complete
    }

    /// The response.
    package enum Response: Sendable, Equatable {
        /// The handler runs.
        case awaited
        /// The handler runs, and the client sends its body after 100 (RFC 9110 §10.1.1).
        case awaitedBeforeContinue
        /// The head was written.
        case begun(Persistence, isEndless: Bool)
        /// All of a body in pieces was handed over, and the last of it waits for the client.
        case ending(Persistence)
        case over(End)
    }

    /// The fate of the connection after the response (RFC 9112 §9.3); one value on a stream, which ends with it.
    package enum Persistence: Sendable, Equatable, CaseIterable {
        case keepAlive
        case close
        /// The end of the connection is the end of the body (RFC 9112 §6.3).
        case closeDelimited
    }

    package enum End: Sendable, Equatable {
        case answered, refused, upgraded, cut
    }

    package enum Event: Sendable, Equatable {
        /// A piece of the body; whether as much waits for the handler now as may wait.
        case bodyPiece(count: Int, isQueueFull: Bool)
        case bodyEnd
        /// The handler waits for more of the body.
        case bodyWanted
        /// The handler has a response, with what its head would say of the connection.
        case responseBegan(Persistence, isEndless: Bool)
        /// The handler has a response with which the connection leaves HTTP.
        case upgradeBegan
        /// The last of a body in pieces was written, and is waited for.
        case responseEnding
        case responseEnded
        /// The request turned out to be malformed.
        case requestFailed
        /// The client takes no more.
        case blocked
        /// The client takes more.
        case writable
        case deadlinePassed(Deadline, now: NIODeadline)
        /// The client sends no more, and may still read.
        case inputClosed
        /// The server stops.
        case stop
        /// The connection or the stream is closed, by either side.
        case closed
    }

    package enum Action: Sendable, Equatable {
        case none
        /// Reads on.
        case read
        /// Sends 100, and reads on.
        case sendContinue
        /// Ends the body for the handler, and its deadline.
        case endBody
        /// Fails the body for the handler, and perhaps cancels the handler's task.
        case failBody(BodyFailure, cancelsHandler: Bool)
        case cancelHandler
        /// Writes the head of the response, and perhaps cancels the task that makes its body.
        case writeHead(Persistence, cancelsHandler: Bool)
        case set(Deadline)
        /// Extends the client's time for its body.
        case extendBody(TimeAmount)
        case clearDeadline
        /// Writes the head and leaves HTTP.
        case upgrade
        /// Answers the request in the place of its handler, and closes.
        case refuse
        /// Takes the next request.
        case takeNext
        /// Closes once the response has left.
        case finish
        /// Closes at once: the client can be told in no other way, or does not listen.
        case cut
    }

    /// Why the rest of a body does not come.
    package enum BodyFailure: Sendable, Equatable {
        case incomplete, slow
    }

    package private(set) var body: Body
    package private(set) var response: Response
    /// When the head of the request was complete.
    package let start: NIODeadline
    private var rate: BodyRate
    private let keepsAlive: Bool
    /// Whether the server stops.
    private var isStopping: Bool
    /// Whether a response without an end has nobody to go on for: the server stops, or the client sends no more.
    private var endsEndless: Bool

    /// The state after the head of a request.
    ///
    /// - Parameters:
    ///   - body: The state of the body.
    ///   - expectsContinue: Whether the client sends its body after 100.
    ///   - keepsAlive: Whether the client lets the connection stay open.
    package init(
        body: Body, expectsContinue: Bool = false, keepsAlive: Bool = true, rate: BodyRate, isStopping: Bool = false,
        isInputClosed: Bool = false
    ) {
        self.body = body
        self.rate = rate
        start = rate.start
        self.keepsAlive = keepsAlive
        self.isStopping = isStopping
        endsEndless = isStopping || isInputClosed
        response = expectsContinue && body != .complete ? .awaitedBeforeContinue : .awaited
    }

    /// Whether the head of the response is not written.
    package var isAwaited: Bool { response == .awaited || response == .awaitedBeforeContinue }

    /// Whether the end of the connection would be the end of the response's body.
    package var isCloseDelimited: Bool {
        switch response {
        case .begun(.closeDelimited, _), .ending(.closeDelimited): true
        default: false
        }
    }

    package var isOver: Bool { if case .over = response { true } else { false } }

    package mutating func handle(_ event: Event) -> Action {
        switch (event, response) {
        case (_, .over): return .none
        case (.bodyPiece(let count, let isQueueFull), _):
            rate.add(count)
            if isQueueFull, body == .flowing { body = .paused }
            return .none
        case (.bodyEnd, _):
            body = .complete
            // A client that has sent its body waits for no 100.
            if response == .awaitedBeforeContinue { response = .awaited }
            return .endBody
        case (.bodyWanted, .awaitedBeforeContinue):
            response = .awaited
            return flow(.sendContinue)
        case (.bodyWanted, _): return flow(.read)
        case (.responseBegan(let wish, let isEndless), .awaited),
            (.responseBegan(let wish, let isEndless), .awaitedBeforeContinue):
            return begin(wish, isEndless: isEndless)
        case (.upgradeBegan, .awaited), (.upgradeBegan, .awaitedBeforeContinue):
            let isFree = body == .complete || body == .held
            response = .over(isFree ? .upgraded : .refused)
            return isFree ? .upgrade : .refuse
        case (.responseEnding, .begun(let persistence, _)):
            response = .ending(persistence)
            return .set(.write)
        case (.responseEnded, .begun(let persistence, _)), (.responseEnded, .ending(let persistence)):
            response = .over(.answered)
            // The server may have been told to stop after the head went out.
            return persistence == .keepAlive && !isStopping ? .takeNext : .finish
        case (.requestFailed, .awaited), (.requestFailed, .awaitedBeforeContinue):
            response = .over(.refused)
            return .refuse
        // A second head would stand in the body of the first response.
        case (.requestFailed, _): return .cut
        case (.blocked, _): return .set(.write)
        case (.writable, _): return restoreDeadline()
        case (.deadlinePassed(.body, let now), _): return checkRate(at: now)
        case (.deadlinePassed, _): return .cut
        case (.inputClosed, _):
            endsEndless = true
            return lose(cancelsHandler: isEndless)
        case (.stop, _):
            isStopping = true
            endsEndless = true
            return isEndless ? .cancelHandler : .none
        case (.closed, _):
            response = .over(.cut)
            return lose(cancelsHandler: true)
        // A second response, or an end without a beginning.
        case (.responseBegan, _), (.upgradeBegan, _), (.responseEnding, _), (.responseEnded, _): return .none
        }
    }

    private var isEndless: Bool { if case .begun(_, isEndless: true) = response { true } else { false } }

    private mutating func flow(_ action: Action) -> Action {
        if body == .paused { body = .flowing }
        return action
    }

    private mutating func begin(_ wish: Persistence, isEndless: Bool) -> Action {
        // The rest of the body would be taken for the next request.
        let isKept = keepsAlive && body == .complete && !isStopping
        let persistence = wish == .keepAlive && !isKept ? .close : wish
        response = .begun(persistence, isEndless: isEndless)
        return .writeHead(persistence, cancelsHandler: isEndless && endsEndless)
    }

    /// The client took something of the response: what it had to do before that counts again.
    private func restoreDeadline() -> Action {
        if case .ending = response { return .set(.write) }
        return body == .complete || body == .held ? .clearDeadline : .set(.body)
    }

    private mutating func checkRate(at now: NIODeadline) -> Action {
        if body == .complete || body == .held { return .none }
        // A client that is made to wait is not slow.
        if body == .paused || response == .awaitedBeforeContinue { rate.restart(at: now) }
        let left = rate.timeLeft(at: now)
        return left > .zero ? .extendBody(left) : .failBody(.slow, cancelsHandler: false)
    }

    private func lose(cancelsHandler: Bool) -> Action {
        if body != .complete { return .failBody(.incomplete, cancelsHandler: cancelsHandler) }
        return cancelsHandler ? .cancelHandler : .none
    }
}
