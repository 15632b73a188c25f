import CarafeApp
import CarafeRuntime
import NIOCore
import Synchronization
import Testing

@testable import CarafeSessions
@testable import CarafeTesting

@Suite(.timeLimit(.minutes(10))) struct StoreCheckTests {
    /// A store that notes for which sessions it is asked.
    private final class NotedStore: SessionStore {
        private struct State {
            var calls: [Set<String>] = []
            var missing: Set<String> = []
            var isAway = false
        }

        private struct AwayError: Error {}

        private let state = Mutex(State())

        func takeCalls() -> [Set<String>] {
            state.withLock { state in
                defer { state.calls = [] }
                return state.calls
            }
        }

        func lose(_ id: String) { state.withLock { _ = $0.missing.insert(id) } }

        func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

        func load(_ id: String) async throws -> ByteBuffer? { nil }
        func save(_ id: String, _ bytes: ByteBuffer, for time: Duration) async throws {}
        func remove(_ id: String) async throws {}

        func missing(among ids: [String]) async throws -> [String] {
            try state.withLock { state in
                state.calls.append(Set(ids))
                if state.isAway { throw AwayError() }
                return ids.filter(state.missing.contains)
            }
        }
    }

    private let client: TestClient
    private let executor: EventLoopExecutor
    private let store = NotedStore()
    private let sessions = OpenSessions()
    private let check: StoreCheck

    init() throws {
        client = try TestClient(App(bare: ()))
        executor = EventLoopExecutor(eventLoop: client.eventLoop, turnTime: TurnTime(limit: nil))
        check = StoreCheck(store, sessions)
    }

    private func open(_ id: String, isStored: Bool = true) -> OpenSessions.Entry {
        let entry = OpenSessions.Entry(in: sessions)
        sessions.enter(entry, id)
        if isStored { sessions.noteStored(id) }
        return entry
    }

    @Test("each 5 s the store is asked once for all open sessions, and those that it has not end")
    func ends() async throws {
        let (one, other) = (open("a"), open("b"))
        for _ in 1...3 { check.keepChecking(on: executor) }
        await client.advanceTime(by: .milliseconds(4999))
        #expect(store.takeCalls().isEmpty)
        store.lose("a")
        await client.advanceTime(by: .milliseconds(1))
        #expect(store.takeCalls() == [["a", "b"]])
        #expect(one.admission.isOver && !other.admission.isOver)
        await client.advanceTime(by: .seconds(10))
        #expect(store.takeCalls() == [["b"], ["b"]])
    }

    @Test("the store is not asked for sessions that it has never had")
    func unstored() async throws {
        let entry = open("a", isStored: false)
        check.keepChecking(on: executor)
        await client.advanceTime(by: .seconds(20))
        #expect(store.takeCalls().isEmpty && !entry.admission.isOver)
    }

    @Test("after a failure the store is asked again")
    func fails() async throws {
        let entry = open("a")
        check.keepChecking(on: executor)
        store.setAway(true)
        await client.advanceTime(by: .seconds(5))
        store.setAway(false)
        store.lose("a")
        await client.advanceTime(by: .seconds(5))
        #expect(store.takeCalls() == [["a"], ["a"]] && entry.admission.isOver)
    }

    @Test("a session is checked whose request began before a check that found none, and opened it after")
    func opensLate() async throws {
        check.keepChecking(on: executor)
        await client.advanceTime(by: .seconds(4))
        check.keepChecking(on: executor)
        await client.advanceTime(by: .seconds(2))
        let entry = open("a")
        store.lose("a")
        await client.advanceTime(by: .seconds(5))
        #expect(store.takeCalls() == [["a"]] && entry.admission.isOver)
    }

    @Test("the checks end with the app")
    func endsWithApp() async throws {
        let entry = open("a")
        do {
            let check = StoreCheck(store, sessions)
            check.keepChecking(on: executor)
        }
        await client.advanceTime(by: .seconds(20))
        #expect(store.takeCalls().isEmpty && !entry.admission.isOver)
    }
}
