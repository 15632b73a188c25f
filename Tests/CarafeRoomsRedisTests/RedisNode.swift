import CarafeRooms
import CarafeRuntime
import Logging
import NIOPosix
import RoomEngineContract

@testable import CarafeRoomsRedis

/// Makes engines on a test's Redis.
enum RedisNode {
    /// Deadlines that a busy machine does not miss.
    static let patience: RedisEngineOptions = {
        var options = RedisEngineOptions()
        options.client.commandDeadline = .seconds(60)
        options.client.connectDeadline = .seconds(60)
        options.lease = .seconds(600)
        return options
    }()

    static func engine(
        at port: Int, _ options: RedisEngineOptions = patience, log: (any LogHandler)? = nil
    ) throws -> RedisEngine {
        let logger = Logger(label: "redis") { _ in log ?? SwiftLogNoOpLogHandler() }
        let executor = EventLoopExecutor(
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(), turnTime: TurnTime())
        return try RedisEngine(RedisAddress("redis://127.0.0.1:\(port)"), options, on: executor, logger: logger)
    }

    static func start(at port: Int, _ options: RedisEngineOptions = patience) async throws -> ContractNode {
        try await ContractNode(engine(at: port, options))
    }
}
