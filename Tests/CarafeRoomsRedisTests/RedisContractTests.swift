import CarafeRooms
import RoomEngineContract
import TestSupport
import Testing

@testable import CarafeRoomsRedis

/// The contract of engines on a Redis of each check's own.
@Suite(
    "Contract of rooms in Redis",
    .enabled(if: RedisProgram.isInstalled, "no redis-server: `.ci/setup peers` installs it"), .timeLimit(.minutes(10)))
struct RedisContractTests {
    @Test("the engine keeps the contract", arguments: RoomEngineContract.all)
    func contract(_ contract: RoomEngineContract) async throws {
        let server = try await RedisProgram()
        try await contract.check { try await RedisNode.start(at: server.port) }
    }
}
