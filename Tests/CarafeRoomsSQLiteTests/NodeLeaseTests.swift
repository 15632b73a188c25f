import CarafeWebSocketCodec
import GRDB
import TestSupport
import Testing

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

@Suite("The lease of a node", .timeLimit(.minutes(10)))
struct NodeLeaseTests {
    private let file: RoomFileFixture

    init() throws {
        file = try RoomFileFixture()
    }

    private func register(_ node: String) async throws {
        try await file.database.write { database in
            try RoomFile(boot: RoomFile.boot, durability: .full).register(node, database)
        }
    }

    private func refresh(_ node: String, at now: Int64) async throws -> Bool {
        try await file.database.write { try NodeLease.refresh(node, $0, at: now) }
    }

    private func claim(_ name: String, by node: String) async throws {
        try await file.database.write { database in
            let transaction = RoomTransaction(database)
            try transaction.claim(
                Array(name.utf8), as: .connected, isExclusive: false, by: node, in: RoomFileFixture.tea)
            try transaction.finish()
        }
    }

    private func names() async throws -> [String] {
        try await file.engine.open(RoomFileFixture.tea).names.map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    @Test("a lease that is refreshed lasts, and one that is not ends with the claims of its node")
    func ends() async throws {
        for (node, name) in [("a", "ann"), ("b", "bob")] {
            try await register(node)
            try await claim(name, by: node)
            #expect(try await refresh(node, at: 0))
        }
        #expect(try await refresh("a", at: NodeLease.time))
        #expect(try await names() == ["ann", "bob"])
        #expect(try await refresh("a", at: NodeLease.time + 1))
        #expect(try await names() == ["ann"])
        let entries = try await file.engine.open(RoomFileFixture.tea).page.entries
        #expect(entries.map(\.post.kind) == [.change(.joined("ann")), .change(.joined("bob")), .change(.left("bob"))])
        #expect(try await refresh("b", at: NodeLease.time + 2) == false, "it was given up")
    }

    @Test("a claim begins the lease, and a node that has been given up makes none")
    func claimsHaveLeases() async throws {
        try await register("a")
        try await claim("ann", by: "a")
        let lease = try await file.database.read { database in
            try Int64.fetchOne(database, sql: "SELECT lease FROM carafe_node WHERE id = 'a'")
        }
        #expect(lease != nil)
        await #expect(throws: RoomError.unavailable) { try await claim("bob", by: "unknown") }
        #expect(try await names() == ["ann"])
    }

    @Test("a name that another node holds too does not leave")
    func shared() async throws {
        for node in ["a", "b"] {
            try await register(node)
            try await claim("ann", by: node)
            #expect(try await refresh(node, at: 0))
        }
        #expect(try await refresh("a", at: NodeLease.time))
        #expect(try await refresh("a", at: NodeLease.time + 1))
        #expect(try await names() == ["ann"])
        #expect(try await file.engine.open(RoomFileFixture.tea).page.entries.count == 1)
    }

    @Test("a node without a first claim has no lease that could end")
    func none() async throws {
        try await register("idle")
        try await register("a")
        #expect(try await refresh("a", at: .max / 2))
        #expect(try await refresh("idle", at: .max / 2), "it is still known")
    }

    @Test("a node that has been given up finds that its claims are lost, and is known again")
    func lost() async throws {
        let file = try RoomFileFixture()
        let lost = Gate()
        file.engine.start { if case .claimsLost = $0 { lost.open() } }
        try await file.sql("DELETE FROM carafe_node")
        try await file.engine.claim(Array("ann".utf8), as: .connected, isExclusive: false, in: RoomFileFixture.tea)
        await lost.wait()
        try await file.database.write { _ in }
        #expect(try await file.count("carafe_node") == 1)
        await file.engine.stop()
    }
}
