import NIOCore
import TestSupport
import Testing

@testable import CarafeRoomsRedis

@Suite("Backoff", .timeLimit(.minutes(10)))
struct BackoffTests {
    @Test("times grow from 100 ms to 2 s, and begin again after a success")
    func times() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<100 {
            var backoff = Backoff()
            for ceiling in [200, 400, 800, 1600, 2000, 2000] as [Int64] {
                let time = backoff.next(using: &generator)
                #expect(time >= .milliseconds(ceiling / 2))
                #expect(time <= .milliseconds(ceiling))
            }
            backoff.reset()
            #expect(backoff.next(using: &generator) <= .milliseconds(200))
        }
    }

    @Test("two clients wait for different times")
    func jitter() {
        var generator = SeededGenerator(seed: 4)
        var first = Backoff()
        var second = Backoff()
        #expect(first.next(using: &generator) != second.next(using: &generator))
    }
}
