import NIOCore
import TestSupport
import Testing

@testable import CarafeServer

/// The state machine of an exchange as a table: a state, an event, the action, and the state after it.
@Suite("ExchangeState", .timeLimit(.minutes(10)))
struct ExchangeStateTests {
    typealias State = ExchangeState

    /// The events that lead to a state of the table, from one of a request without a body unless `body` says otherwise.
    struct Row: Sendable, CustomTestStringConvertible {
        var body = State.Body.complete
        var expectsContinue = false
        var keepsAlive = true
        var after: [State.Event] = []
        let event: State.Event
        let action: State.Action
        var leads: State.Response

        var testDescription: String { "\(body) \(after) + \(event)" }
    }

    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private static let began = State.Event.responseBegan(.keepAlive, isEndless: false)
    private static let endless = State.Event.responseBegan(.keepAlive, isEndless: true)
    private static let begun = State.Response.begun(.keepAlive, isEndless: false)
    private static let begunToClose = State.Response.begun(.close, isEndless: false)
    private static let begunEndless = State.Response.begun(.keepAlive, isEndless: true)

    private static func slow(_ seconds: Int64) -> State.Event {
        .deadlinePassed(.body, now: start + .seconds(seconds))
    }

    private static func state(
        _ body: State.Body, expectsContinue: Bool = false, keepsAlive: Bool = true
    ) -> ExchangeState {
        let rate = BodyRate(from: start, ClientTimes(ServerConfiguration.Timeouts()))
        return ExchangeState(body: body, expectsContinue: expectsContinue, keepsAlive: keepsAlive, rate: rate)
    }

    private func check(_ row: Row) {
        var state = Self.state(row.body, expectsContinue: row.expectsContinue, keepsAlive: row.keepsAlive)
        for event in row.after { _ = state.handle(event) }
        #expect(state.handle(row.event) == row.action)
        #expect(state.response == row.leads)
    }

    private static let bodies: [Row] = [
        Row(body: .flowing, event: .bodyEnd, action: .endBody, leads: .awaited),
        Row(body: .flowing, event: .bodyWanted, action: .read, leads: .awaited),
        Row(body: .flowing, expectsContinue: true, event: .bodyWanted, action: .sendContinue, leads: .awaited),
        Row(
            body: .flowing, expectsContinue: true, after: [.bodyWanted], event: .bodyWanted, action: .read,
            leads: .awaited),
        // The body came without 100.
        Row(
            body: .flowing, expectsContinue: true, after: [.bodyEnd], event: .bodyWanted, action: .read,
            leads: .awaited),
        // RFC 9110 §10.1.1: no 100 after the final status.
        Row(
            body: .flowing, expectsContinue: true, after: [began], event: .bodyWanted, action: .read,
            leads: begunToClose),
        Row(body: .complete, expectsContinue: true, event: .bodyWanted, action: .read, leads: .awaited),
        Row(
            body: .flowing, event: .inputClosed, action: .failBody(.incomplete, cancelsHandler: false), leads: .awaited),
        Row(body: .complete, event: .inputClosed, action: .none, leads: .awaited),
    ]

    @Test("the body of a request", arguments: bodies)
    func body(_ row: Row) { check(row) }

    private static let responses: [Row] = [
        Row(event: began, action: .writeHead(.keepAlive, cancelsHandler: false), leads: begun),
        Row(
            event: .responseBegan(.close, isEndless: false), action: .writeHead(.close, cancelsHandler: false),
            leads: begunToClose),
        Row(
            keepsAlive: false, event: began, action: .writeHead(.close, cancelsHandler: false), leads: begunToClose),
        Row(after: [.stop], event: began, action: .writeHead(.close, cancelsHandler: false), leads: begunToClose),
        Row(
            body: .flowing, event: began, action: .writeHead(.close, cancelsHandler: false), leads: begunToClose),
        Row(
            body: .flowing, after: [.bodyEnd], event: began, action: .writeHead(.keepAlive, cancelsHandler: false),
            leads: begun),
        Row(
            body: .flowing, event: .responseBegan(.closeDelimited, isEndless: false),
            action: .writeHead(.closeDelimited, cancelsHandler: false),
            leads: .begun(.closeDelimited, isEndless: false)),
        Row(after: [began], event: began, action: .none, leads: begun),
        Row(after: [began], event: .responseEnding, action: .set(.write), leads: .ending(.keepAlive)),
        Row(after: [began], event: .responseEnded, action: .takeNext, leads: .over(.answered)),
        Row(after: [began, .responseEnding], event: .responseEnded, action: .takeNext, leads: .over(.answered)),
        Row(after: [began, .stop], event: .responseEnded, action: .finish, leads: .over(.answered)),
        Row(keepsAlive: false, after: [began], event: .responseEnded, action: .finish, leads: .over(.answered)),
        Row(event: .responseEnded, action: .none, leads: .awaited),
        Row(event: .requestFailed, action: .refuse, leads: .over(.refused)),
        Row(after: [began], event: .requestFailed, action: .cut, leads: begun),
    ]

    @Test("the response, and what it leaves of the connection", arguments: responses)
    func response(_ row: Row) { check(row) }

    private static let endings: [Row] = [
        Row(event: endless, action: .writeHead(.keepAlive, cancelsHandler: false), leads: begunEndless),
        Row(after: [endless], event: .stop, action: .cancelHandler, leads: begunEndless),
        Row(after: [endless], event: .inputClosed, action: .cancelHandler, leads: begunEndless),
        Row(after: [began], event: .stop, action: .none, leads: begun),
        Row(after: [began], event: .inputClosed, action: .none, leads: begun),
        Row(
            after: [.inputClosed], event: endless, action: .writeHead(.keepAlive, cancelsHandler: true),
            leads: begunEndless),
        Row(
            after: [.stop], event: endless, action: .writeHead(.close, cancelsHandler: true),
            leads: .begun(.close, isEndless: true)),
        Row(event: .closed, action: .cancelHandler, leads: .over(.cut)),
        Row(after: [began], event: .closed, action: .cancelHandler, leads: .over(.cut)),
        Row(
            body: .flowing, event: .closed, action: .failBody(.incomplete, cancelsHandler: true), leads: .over(.cut)),
        Row(after: [.closed], event: began, action: .none, leads: .over(.cut)),
    ]

    @Test("a response without an end, a stop, and a client that leaves", arguments: endings)
    func ending(_ row: Row) { check(row) }

    private static let deadlines: [Row] = [
        Row(event: .blocked, action: .set(.write), leads: .awaited),
        Row(event: .writable, action: .clearDeadline, leads: .awaited),
        Row(body: .flowing, event: .writable, action: .set(.body), leads: .awaited),
        Row(body: .held, event: .writable, action: .clearDeadline, leads: .awaited),
        Row(
            body: .flowing, after: [began, .responseEnding], event: .writable, action: .set(.write),
            leads: .ending(.close)),
        Row(after: [began], event: .deadlinePassed(.write, now: start), action: .cut, leads: begun),
        Row(body: .flowing, event: slow(9), action: .extendBody(.seconds(1)), leads: .awaited),
        Row(body: .flowing, event: slow(10), action: .failBody(.slow, cancelsHandler: false), leads: .awaited),
        Row(
            body: .flowing, after: [.bodyPiece(count: 2048, isQueueFull: false)], event: slow(10),
            action: .extendBody(.seconds(2)), leads: .awaited),
        // A client that is made to wait is not slow.
        Row(
            body: .flowing, after: [.bodyPiece(count: 1, isQueueFull: true)], event: slow(99),
            action: .extendBody(.seconds(10)), leads: .awaited),
        Row(
            body: .flowing, expectsContinue: true, event: slow(99), action: .extendBody(.seconds(10)),
            leads: .awaitedBeforeContinue),
        Row(body: .complete, event: slow(99), action: .none, leads: .awaited),
    ]

    @Test("deadlines", arguments: deadlines)
    func deadline(_ row: Row) { check(row) }

    private static let upgrades: [Row] = [
        Row(event: .upgradeBegan, action: .upgrade, leads: .over(.upgraded)),
        Row(body: .held, event: .upgradeBegan, action: .upgrade, leads: .over(.upgraded)),
        Row(body: .flowing, event: .upgradeBegan, action: .refuse, leads: .over(.refused)),
        Row(after: [began], event: .upgradeBegan, action: .none, leads: begun),
    ]

    @Test("RFC 9110 §7.8: a change of protocol", arguments: upgrades)
    func upgrade(_ row: Row) { check(row) }

    @Test("a body is paused while its queue is full, and flows when it is wanted")
    func flow() {
        var state = Self.state(.flowing)
        #expect(state.handle(.bodyPiece(count: 1, isQueueFull: false)) == .none)
        #expect(state.body == .flowing)
        #expect(state.handle(.bodyPiece(count: 1, isQueueFull: true)) == .none)
        #expect(state.body == .paused)
        #expect(state.handle(.bodyWanted) == .read)
        #expect(state.body == .flowing)
    }

    @Test("whatever happens, an exchange ends once and is answered once", arguments: 0..<64)
    func walk(seed: UInt64) {
        for part in 0..<64 as Range<UInt64> {
            var walk = ExchangeWalk(seed: seed << 8 | part)
            #expect(walk.fault() == nil, "seed \(seed), part \(part)")
        }
    }
}

/// A random way through an exchange, with the part that a transport plays in it.
private struct ExchangeWalk {
    private var generator: SeededGenerator
    private var state: ExchangeState
    private var events: [ExchangeState.Event] = []
    private let keepsAlive: Bool
    private var now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private var (heads, continues, ends) = (0, 0, 0)
    private var isStopping = false
    private var (isEndless, isCancelled, mustEnd) = (false, false, false)

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        let bodies: [ExchangeState.Body] = [.flowing, .flowing, .paused, .held, .complete]
        keepsAlive = Bool.random(using: &generator)
        state = ExchangeState(
            body: bodies.randomElement(using: &generator) ?? .flowing,
            expectsContinue: Bool.random(using: &generator), keepsAlive: keepsAlive,
            rate: BodyRate(from: now, ClientTimes(ServerConfiguration.Timeouts())))
    }

    /// Which law was broken, and by what events; nil if none was.
    mutating func fault() -> String? {
        for _ in 0..<Int.random(in: 1...40, using: &generator) {
            if let fault = take(randomEvent()) ?? stuck() { return "\(fault) after \(events)" }
        }
        return nil
    }

    private mutating func randomEvent() -> ExchangeState.Event {
        now = now + .seconds(Int64.random(in: 0...8, using: &generator))
        let deadline = Deadline.allCases.randomElement(using: &generator) ?? .body
        let persistence = ExchangeState.Persistence.allCases.randomElement(using: &generator) ?? .close
        let isTrue = Bool.random(using: &generator)
        let frequent: [ExchangeState.Event] = [
            .bodyPiece(count: 1000, isQueueFull: isTrue), .bodyWanted, .blocked, .writable,
            .deadlinePassed(.body, now: now), .responseBegan(persistence, isEndless: isTrue), .responseEnding,
        ]
        let rare: [ExchangeState.Event] = [
            .bodyEnd, .upgradeBegan, .responseEnded, .requestFailed, .deadlinePassed(deadline, now: now), .inputClosed,
            .stop, .closed,
        ]
        let isRare = Int.random(in: 0..<6, using: &generator) == 0
        return (isRare ? rare : frequent).randomElement(using: &generator) ?? .closed
    }

    /// Takes an event, and looks at what follows it.
    private mutating func take(_ event: ExchangeState.Event) -> String? {
        events.append(event)
        let before = state
        let action = state.handle(event)
        if before.isOver { return action == .none && state == before ? nil : "something follows the end" }
        if event == .stop { isStopping = true }
        if event == .stop || event == .inputClosed { mustEnd = true }
        switch action {
        case .sendContinue:
            continues += 1
            if heads > 0 || before.body == .complete { return "100 is not waited for" }
        case .writeHead(let persistence, let cancels):
            heads += 1
            if persistence == .keepAlive, !keepsAlive || isStopping || state.body != .complete { return "kept alive" }
            if case .begun(_, isEndless: true) = state.response { isEndless = true }
            isCancelled = cancels
        case .refuse:
            heads += 1
            ends += 1
        case .upgrade:
            heads += 1
            ends += 1
            if state.body != .complete, state.body != .held { return "the body goes to another protocol" }
        case .cancelHandler, .failBody(_, cancelsHandler: true): isCancelled = true
        case .takeNext:
            ends += 1
            if isStopping || !keepsAlive { return "a request is taken that must not be" }
        case .finish: ends += 1
        // What a transport does with it.
        case .cut: if let fault = take(.closed) { return fault }
        default: break
        }
        if event == .closed, !isCancelled { return "a handler goes on for nobody" }
        if event == .closed { ends += 1 }
        if heads > 1 || continues > 1 || ends > 1 { return "two heads, interim responses or ends" }
        if state.isOver != (ends == 1) { return "an end that nobody is told of" }
        if isEndless, mustEnd, !isCancelled, !state.isOver, !isEndingState {
            return "a response without an end goes on"
        }
        return nil
    }

    private var isEndingState: Bool { if case .ending = state.response { true } else { false } }

    /// Each way out of a state leads to an end.
    private func stuck() -> String? {
        guard !state.isOver else { return nil }
        var answered = state
        _ = answered.handle(.responseBegan(.keepAlive, isEndless: false))
        _ = answered.handle(.responseEnded)
        if answered.response != .over(.answered) { return "an answer that does not end it" }
        var closed = state
        _ = closed.handle(.closed)
        if closed.response != .over(.cut) { return "a close that does not end it" }
        var blocked = state
        guard blocked.handle(.blocked) == .set(.write), blocked.handle(.deadlinePassed(.write, now: now)) == .cut else {
            return "a client that takes nothing is not cut"
        }
        var wanted = state
        if [.none, .set(.write)].contains(wanted.handle(.bodyWanted)) || wanted.body == .paused {
            return "a body that nobody reads on"
        }
        return nil
    }
}
