import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Lets the listener wait before it accepts again when the system has nothing left for another connection.
///
/// SwiftNIO tries again at once, which takes a whole core until something comes free. Clients wait in the backlog
/// meanwhile.
// Lives on its channel's event loop. Not by holding back `read`: after a failed accept the read before counts on, and
// the socket stays registered.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = Any

    private static let pause = TimeAmount.milliseconds(100)

    private let line: RareLine
    private var isPausing = false

    init(_ line: RareLine) {
        self.line = line
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let now = context.eventLoop.now
        // accept(2).
        switch (error as? IOError)?.errnoCode {
        case EMFILE:
            line.write("cannot accept connections: the process has no descriptors left; raise `ulimit -n`", at: now)
        case ENFILE:
            line.write("cannot accept connections: the system has no descriptors left; raise fs.file-max", at: now)
        case ENOBUFS, ENOMEM:
            line.write("cannot accept connections: the system has no memory left for sockets", at: now)
        // Of a client that has left the backlog there is nothing to wait for; other errors close the listener.
        default: return context.fireErrorCaught(error)
        }
        wait(context)
    }

    private func wait(_ context: ChannelHandlerContext) {
        guard !isPausing else { return }
        isPausing = true
        setAccepting(false, context)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.isPausing = false
            self.setAccepting(true, context)
        }
    }

    private func setAccepting(_ isAccepting: Bool, _ context: ChannelHandlerContext) {
        // Of a listener that is closed already nothing is asked any more.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isAccepting)
    }
}
