import Synchronization
import TestSupport
import Testing

@testable import CarafeSessions

@Suite("SessionLocks", .timeLimit(.minutes(10)))
struct SessionLocksTests {
    @Test("one task at a time has an id; another id is free")
    func exclusive() async throws {
        let locks = SessionLocks()
        let visitors = Visitors()
        let gate = Gate()
        let entered = Gate()
        async let first: Void = locks.withLock(of: "a") {
            entered.open()
            await gate.wait()
        }
        await entered.wait()
        await locks.withLock(of: "b") {}
        gate.open()
        await first
        await withTaskGroup(of: Void.self) { group in
            for _ in 1...50 {
                group.addTask {
                    await locks.withLock(of: "a") {
                        #expect(visitors.change(by: 1) == 1)
                        await Task.yield()
                        _ = visitors.change(by: -1)
                    }
                }
            }
        }
    }

    @Test("an error releases the lock, and an id that is not in use has none")
    func errors() async {
        struct Broken: Error {}
        let locks = SessionLocks()
        await #expect(throws: Broken.self) { try await locks.withLock(of: "a") { throw Broken() } }
        #expect(await locks.withLock(of: "a") { 5 } == 5)
        #expect(locks.count == 0)
    }
}

private final class Visitors: Sendable {
    private let count = Mutex(0)

    func change(by number: Int) -> Int {
        count.withLock { count in
            count += number
            return count
        }
    }
}
