public import CarafeHTTP
import CarafeRuntime
public import NIOCore
import NIOPosix
public import ServiceLifecycle

/// Serves a handler over HTTP/1.1; the only part of Carafe that opens a port.
///
/// It is a `Service`: run it in a `ServiceGroup` beside others, or alone. On graceful shutdown, and when its task is
/// cancelled, it stops accepting, lets what runs finish, and closes the rest after `timeouts.shutdown`.
public struct Server: Service {
    /// The address to listen on, and the limits of clients.
    public var configuration: ServerConfiguration
    private let handler: Handler
    private let onListening: @Sendable (SocketAddress) async -> Void

    /// `onListening` is called once with the address, whose port was chosen by the system if it was asked for 0.
    public init(
        configuration: ServerConfiguration = ServerConfiguration(),
        onListening: @escaping @Sendable (SocketAddress) async -> Void = { _ in },
        handler: @escaping Handler
    ) {
        self.configuration = configuration
        self.handler = handler
        self.onListening = onListening
    }

    /// Serves until it is told to stop; throws `ServerError` when it cannot listen.
    public func run() async throws {
        try ServerError.checkPort(of: configuration)
        ProcessDefaults.set()
        let threads = configuration.threads ?? System.coreCount
        try ServerError.checkDescriptors(of: configuration, threads: threads)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        do {
            try await serve(on: group)
            try await group.shutdownGracefully()
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    private func serve(on group: MultiThreadedEventLoopGroup) async throws {
        let connections = ConnectionRegistry()
        let listener: any Channel
        do {
            listener = try await bootstrap(group, connections).bind(host: configuration.host, port: configuration.port)
                .get()
        } catch {
            throw ServerError(configuration, error)
        }
        if let address = listener.localAddress { await onListening(address) }
        let wasTold = await waitForStop(listener)
        let eventLoop = group.any()
        connections.beginStopping(within: TimeAmount(configuration.timeouts.shutdown / 2), on: eventLoop)
        let deadline = eventLoop.scheduleTask(in: TimeAmount(configuration.timeouts.shutdown)) {
            connections.closeAll()
        }
        await connections.waitUntilEmpty()
        deadline.cancel()
        if !wasTold { throw ServerError(configuration, "the system has closed the port") }
    }

    /// Whether the server was told to stop: by a graceful shutdown or a cancellation. A listener that has failed ends
    /// the wait too, and either way it is closed then.
    private func waitForStop(_ listener: any Channel) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                try? await gracefulShutdown()
                return true
            }
            group.addTask {
                try? await listener.closeFuture.get()
                return false
            }
            let wasTold = await group.next() == true
            group.cancelAll()
            try? await listener.close().get()
            return wasTold
        }
    }

    private func bootstrap(_ group: MultiThreadedEventLoopGroup, _ connections: ConnectionRegistry) -> ServerBootstrap {
        let services = ServiceTable(group: group, handler: handler, configuration: configuration)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(RareLine(configuration.logger)))
                }
            }
            .serverChannelOption(.backlog, value: configuration.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // One read per wake-up: the second would nearly always find the socket empty.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            // What most requests fit in; an idle connection keeps a buffer of this size.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 1024, maximum: 65_536)
            )
            // A client may close its sending side and still wait for its answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
        #if os(Linux)
            // A client that has vanished acknowledges nothing; the kernel alone would try for a quarter of an hour.
            let unacknowledged = Int(
                min(TimeAmount(configuration.timeouts.write).nanoseconds / 1_000_000, Int64(Int32.max)))
            _ = bootstrap.childChannelOption(.tcpOption(.userTimeout), value: unacknowledged)
        #endif
        return
            bootstrap
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.add(channel)
                    try services.begin(channel)
                }
            }
    }
}

/// The shared parts of each event loop.
private struct ServiceTable: Sendable {
    private let services: [ObjectIdentifier: (executor: EventLoopExecutor, service: HTTPService)]
    private let gate: ConnectionGate

    init(group: MultiThreadedEventLoopGroup, handler: @escaping Handler, configuration: ServerConfiguration) {
        gate = ConnectionGate(configuration)
        services = Dictionary(
            uniqueKeysWithValues: group.makeIterator().map { loop in
                let service = HTTPService(handler: handler, configuration: configuration)
                return (ObjectIdentifier(loop), (EventLoopExecutor(eventLoop: loop, turnTime: TurnTime()), service))
            }
        )
    }

    func begin(_ channel: any Channel) throws {
        guard let (executor, service) = services[ObjectIdentifier(channel.eventLoop)] else {
            preconditionFailure("the channel is of another event loop group")
        }
        let connection: AcceptedConnection
        switch gate.admit(channel) {
        case .served: connection = AcceptedConnection(channel: channel, executor: executor, service: service)
        case .refused:
            connection = AcceptedConnection(channel: channel, executor: executor, service: gate.refusal(on: channel))
        case .dropped: throw ChannelError.ioOnClosedChannel
        }
        if let setup = service.configuration.connectionSetup {
            try setup.configure(connection)
        } else {
            try connection.startHTTP1(isSecure: false)
        }
    }
}
