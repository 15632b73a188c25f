import CarafeRedisCodec
import NIOCore

/// One connection, opened again each time it is lost.
// Used on one event loop.
final class RedisLink {
    enum Change {
        case connected(RedisConnection)
        /// The connection has ended.
        case lost(any Error)
        /// An attempt to open a connection has failed.
        case cannotConnect(any Error)
    }

    /// Opens a connection; the second parameter is called when it has ended.
    typealias Open =
        @Sendable (any EventLoop, @escaping @Sendable (RedisUnavailableError) -> Void)
        -> EventLoopFuture<RedisConnection>

    private let eventLoop: any EventLoop
    private let pingInterval: TimeAmount
    private let open: Open
    private var onChange: ((Change) -> Void)?
    private var life = Reconnection<RedisConnection>()
    private var timer: Scheduled<Void>?
    private var generator = SystemRandomNumberGenerator()

    init(on eventLoop: any EventLoop, pingInterval: Duration, open: @escaping Open) {
        self.eventLoop = eventLoop
        self.pingInterval = TimeAmount(pingInterval)
        self.open = open
    }

    var connection: RedisConnection? { life.connection }

    /// - Parameter onChange: Called until `close`.
    func start(onChange: @escaping (Change) -> Void) {
        self.onChange = onChange
        carryOut(life.start())
    }

    func close() {
        timer?.cancel()
        onChange = nil
        carryOut(life.close())
    }

    private func carryOut(_ action: Reconnection<RedisConnection>.Action) {
        switch action {
        case .nothing: break
        case .connect: connect()
        case .wait(let time): wait(time)
        case .close(let connection): connection.close(.connectionEnded("this side closed it"))
        }
    }

    private func connect() {
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        open(eventLoop) { this.value.failed($0) }.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let connection): self.opened(connection)
            case .failure(let error): self.failed(error)
            }
        }
    }

    private func opened(_ connection: RedisConnection) {
        carryOut(life.opened(connection))
        guard life.connection === connection else { return }
        ping(connection)
        onChange?(.connected(connection))
    }

    private func failed(_ error: any Error) {
        let wasConnected = life.connection != nil
        guard case .wait(let time) = life.lost(using: &generator) else { return }
        wait(time)
        onChange?(wasConnected ? .lost(error) : .cannotConnect(error))
    }

    private func wait(_ time: TimeAmount) {
        timer?.cancel()
        timer = eventLoop.assumeIsolated().scheduleTask(in: time) { self.carryOut(self.life.waitEnded()) }
    }

    /// A network that is cut reports nothing: a `PING` without a reply before its deadline ends the connection.
    private func ping(_ connection: RedisConnection) {
        timer = eventLoop.assumeIsolated().scheduleTask(in: pingInterval) {
            guard self.life.connection === connection else { return }
            connection.send(RedisCommand("PING")) { _ in }
            self.ping(connection)
        }
    }
}
