import Synchronization
import TestSupport
import Testing

@testable import CarafeSessions

@Suite("SessionTurns", .timeLimit(.minutes(10)))
struct SessionTurnsTests {
    @Test("one task at a time has an id; another id is free")
    func exclusive() async throws {
        let turns = SessionTurns()
        let visitors = Visitors()
        let gate = Gate()
        let entered = Gate()
        async let first: Void = turns.withTurn(of: "a") {
            entered.open()
            await gate.wait()
        }
        await entered.wait()
        await turns.withTurn(of: "b") {}
        gate.open()
        await first
        await withTaskGroup(of: Void.self) { group in
            for _ in 1...50 {
                group.addTask {
                    await turns.withTurn(of: "a") {
                        #expect(visitors.change(by: 1) == 1)
                        await Task.yield()
                        _ = visitors.change(by: -1)
                    }
                }
            }
        }
    }

    @Test("an error passes the turn on")
    func errors() async {
        struct Broken: Error {}
        let turns = SessionTurns()
        await #expect(throws: Broken.self) { try await turns.withTurn(of: "a") { throw Broken() } }
        #expect(await turns.withTurn(of: "a") { 5 } == 5)
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
