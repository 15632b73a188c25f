import Carafe
import CarafeTesting
import Plugin
import Synchronization
import Testing

@Suite("Pool", .timeLimit(.minutes(10)))
struct PoolTests {
    private struct NoDatabase: Error {}

    /// A record of openings and closings, in order.
    private final class Journal: Sendable {
        private let state = Mutex<(lines: [String], opened: Int)>(([], 0))
        var lines: [String] { state.withLock { $0.lines } }
        func close(_ number: Int) { state.withLock { $0.lines.append("close \(number)") } }
        func open(failingAt last: Int = .max) throws -> Int {
            try state.withLock { state in
                state.opened += 1
                if state.opened == last { throw NoDatabase() }
                state.lines.append("open \(state.opened)")
                return state.opened
            }
        }
    }

    private let journal = Journal()

    private func makeApp(size: Int, failingAt last: Int = .max) throws -> (app: App, pool: Pool<Int>) {
        let pool = Pool(size: size) { [journal] in
            try journal.open(failingAt: last)
        } close: { [journal] number in
            journal.close(number)
        }
        var app = App()
        try app.install(pool)
        app.get("/number") { request in
            try await request.require(Pool<Int>.self).withResource { number in "\(number)" }
        }
        return (app, pool)
    }

    @Test("a pool opens before the first request and closes when the app is no longer served")
    func opensAndCloses() async throws {
        let (app, pool) = try makeApp(size: 2)
        await #expect(throws: PoolClosedError.self) { try await pool.withResource { $0 } }
        try await withTestClient(app) { client async throws in
            #expect(try await client.get("/number").text == "2")
            #expect(journal.lines == ["open 1", "open 2"])
        }
        #expect(journal.lines == ["open 1", "open 2", "close 1", "close 2"])
        await #expect(throws: PoolClosedError.self) { try await pool.withResource { $0 } }
    }

    @Test("a resource that cannot be opened keeps the app from being served, and those before it are closed")
    func failsToOpen() async throws {
        let client = try TestClient(makeApp(size: 3, failingAt: 2).app)
        await #expect(throws: NoDatabase.self) { try await client.get("/number") }
        #expect(journal.lines == ["open 1", "close 1"])
    }

    @Test("a caller waits while all resources are in use, or until its task is cancelled")
    func waits() async throws {
        let (app, pool) = try makeApp(size: 1)
        try await withTestClient(app) { client async throws in
            #expect(try await client.get("/number").text == "1")
            try await pool.withResource { _ in
                let second = Task { try await pool.withResource { $0 } }
                let cancelled = Task { try await pool.withResource { $0 } }
                cancelled.cancel()
                await #expect(throws: CancellationError.self) { try await cancelled.value }
                second.cancel()
                await #expect(throws: CancellationError.self) { try await second.value }
            }
            async let one = pool.withResource { $0 }
            async let other = pool.withResource { $0 }
            #expect(try await [one, other] == [1, 1])
        }
    }
}
