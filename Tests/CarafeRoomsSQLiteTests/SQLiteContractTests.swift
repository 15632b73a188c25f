import CarafeRooms
import RoomEngineContract
import TestSupport
import Testing

@testable import CarafeRoomsSQLite

@Suite(.timeLimit(.minutes(10))) struct SQLiteContractTests {
    @Test("the engine keeps the promises of its protocol", arguments: RoomEngineContract.all)
    func contract(_ promise: RoomEngineContract) async throws {
        let folder = try TemporaryFolder()
        try await promise.check {
            let database = try RoomFile.open(folder.path + "/rooms.sqlite")
            return try await ContractNode(try SQLiteEngine(database, durability: .normal))
        }
    }
}
