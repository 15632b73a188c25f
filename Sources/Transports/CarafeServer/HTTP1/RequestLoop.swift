import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import NIOCore

/// Takes one request after the other from the input of a connection, each when the one before it is answered.
// Lives on its channel's event loop, as its connection does, which owns it.
final class RequestLoop {
    private enum State {
        case waiting, running
        /// The rest of the input waits until others have had their turn.
        case scheduled
    }

    // Unsafe, as in `HTTP1Exchanges`.
    private unowned(unsafe) let connection: HTTPConnection
    private let executor: EventLoopExecutor
    // Exclusivity is not checked at run time where each request passes: all of it is on one thread, and no call that
    // changes one of these values leads back to it.
    @exclusivity(unchecked) var input: HTTP1Input
    @exclusivity(unchecked) private var state = State.waiting
    /// Whether SwiftNIO has asked for bytes, which are not wanted yet.
    private var isReadPending = false

    init(of connection: HTTPConnection) {
        self.connection = connection
        executor = connection.connection.executor
        input = HTTP1Input(limits: connection.service.readerLimits)
    }

    func receive(_ bytes: ByteBuffer) {
        input.append(bytes)
        executor.turn { run() }
    }

    /// Takes from the input what can be taken now.
    private func run() {
        guard state == .waiting else { return }
        state = .running
        defer { if state == .running { state = .waiting } }
        while connection.isServing, connection.exchanges.takesMore, let event = input.next() {
            connection.exchanges.take(event)
            if !input.isEmpty, connection.isServing, executor.isTurnOver { return runLater() }
        }
        if connection.isServing { connection.exchanges.waitForInput() }
    }

    /// Goes on in a turn of its own: a thousand requests may have come at once.
    private func runLater() {
        state = .scheduled
        Task.detached(executorPreference: executor) { [connection] in
            connection.requests.state = .waiting
            connection.requests.resume()
        }
    }

    /// Goes on after a response, unless the loop itself has called the handler: then it goes on anyway, and the end of
    /// the read flushes.
    func resume() {
        guard state != .running else { return }
        run()
        connection.output.flush()
        resumeReading()
    }

    // MARK: Reading

    /// SwiftNIO asks for bytes.
    func read(_ context: ChannelHandlerContext) {
        if wantsInput { context.read() } else { isReadPending = true }
    }

    func resumeReading() {
        guard isReadPending, wantsInput, let context = connection.output.context else { return }
        isReadPending = false
        context.read()
    }

    private var wantsInput: Bool {
        guard connection.isServing else { return true }
        return connection.exchanges.current?.state.body != .paused && !input.isFull
    }
}
