import Synchronization
import TestSupport
import Testing

@testable import CarafeRuntime

@Suite("AsyncMutex", .timeLimit(.minutes(10)))
struct AsyncMutexTests {
    private struct Broken: Error {}

    private final class Count: Sendable {
        let inside = Mutex((now: 0, most: 0, all: 0))

        func stay() async {
            inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.all + 1) }
            await Task.yield()
            inside.withLock { $0.now -= 1 }
        }
    }

    @Test("one at a time, and one that fails does not keep the others out")
    func oneAtATime() async {
        let mutex = AsyncMutex()
        let count = Count()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    try? await mutex.withLock {
                        await count.stay()
                        if number % 3 == 0 { throw Broken() }
                    }
                }
            }
        }
        #expect(count.inside.withLock { $0.most } == 1)
        #expect(count.inside.withLock { $0.all } == 100)
    }
}
