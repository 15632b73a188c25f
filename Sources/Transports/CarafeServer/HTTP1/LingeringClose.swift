import CarafeHTTP
import NIOCore

/// The end of a connection from its last response on: the rest is sent, the sending side is closed, and bytes of the
/// client are thrown away until it closes too, so that it can read the response even while it sends (RFC 9112 §9.6).
// Lives on its channel's event loop, as its connection does, which owns it.
final class LingeringClose: HTTP1Phase {
    private enum Phase {
        /// The last response is on its way out.
        case sending
        /// All was sent. A client that goes on sending is cut at this time.
        case lingering(until: NIODeadline)
        case over
    }

    private unowned let connection: HTTPConnection
    private var phase = Phase.sending

    init(of connection: HTTPConnection) {
        self.connection = connection
    }

    private var time: TimeAmount { connection.service.times[.linger] }

    private var now: NIODeadline { connection.eventLoop.now }

    func start() {
        connection.timer?.set(.write)
        connection.output.flushLast().assumeIsolated().whenComplete { [self, connection] _ in
            withExtendedLifetime(connection) { sent() }
        }
    }

    private func sent() {
        guard case .sending = phase, let context = connection.output.context else { return }
        if connection.isInputClosed { return connection.close() }
        phase = .lingering(until: now + time * 6)
        setDeadline()
        context.close(mode: .output, promise: nil)
    }

    /// The client has sent bytes.
    func received() { setDeadline() }

    func stop() { setDeadline() }

    func inputClosed() {
        if case .lingering = phase { connection.close() }
    }

    func blocked() {
        if case .sending = phase { connection.timer?.set(.write) }
    }

    func end() { phase = .over }

    func deadlinePassed(_ deadline: Deadline) {
        if case .lingering = phase, connection.isStopping { closeWhenReceived() } else { connection.close() }
    }

    /// Closing with bytes unread would send a RST, and that could overtake the response (RFC 9112 §9.6): a client that
    /// goes on sending, before it looks for an answer, gets more time, with a bound.
    private func setDeadline() {
        guard case .lingering(var end) = phase else { return }
        if connection.isStopping { end = min(end, now + min(time, .seconds(1))) }
        phase = .lingering(until: end)
        connection.timer?.set(.linger, in: min(time, end - now))
    }

    /// A process that ends may take its network along (a container's), and with it bytes that are on their way: while
    /// the server stops, a connection waits for that, as long as `timeouts.shutdown` lets it.
    private func closeWhenReceived() {
        guard let channel = connection.output.context?.channel else { return }
        UnsentBytes.areThere(in: channel).assumeIsolated().whenComplete { [self, connection] found in
            guard case .lingering = phase else { return }
            if (try? found.get()) == true {
                connection.timer?.set(.linger, in: .seconds(1))
            } else {
                connection.close()
            }
        }
    }
}
