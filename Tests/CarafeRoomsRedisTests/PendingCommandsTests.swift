import NIOCore
import Testing

@testable import CarafeRoomsRedis

@Suite("Pending commands", .timeLimit(.minutes(10)))
struct PendingCommandsTests {
    private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    @Test("commands leave in their order, and the deadline is the oldest's")
    func order() {
        var pending = PendingCommands<Int>(countLimit: 10, sizeLimit: 1000)
        #expect(pending.nextDeadline == nil)
        for number in 1...3 { pending.append(number, size: 1, deadline: Self.at(Int64(number))) }
        #expect(pending.nextDeadline == Self.at(1))
        #expect(pending.removeFirst() == 1)
        #expect(pending.nextDeadline == Self.at(2))
        #expect(pending.removeAll() == [2, 3])
        #expect(pending.isEmpty)
        #expect(pending.removeFirst() == nil)
    }

    @Test("the number of commands is limited")
    func countLimit() {
        var pending = PendingCommands<Int>(countLimit: 2, sizeLimit: 1000)
        pending.append(1, size: 1, deadline: Self.at(1))
        #expect(pending.brokenLimit(size: 1) == nil)
        pending.append(2, size: 1, deadline: Self.at(1))
        #expect(pending.brokenLimit(size: 1) == 2)
        _ = pending.removeFirst()
        #expect(pending.brokenLimit(size: 1) == nil)
    }

    @Test("the bytes of commands are limited, except those of a single one")
    func sizeLimit() {
        var pending = PendingCommands<Int>(countLimit: 10, sizeLimit: 100)
        #expect(pending.brokenLimit(size: 1000) == nil)
        pending.append(1, size: 60, deadline: Self.at(1))
        #expect(pending.brokenLimit(size: 40) == nil)
        #expect(pending.brokenLimit(size: 41) == 100)
        _ = pending.removeFirst()
        pending.append(2, size: 50, deadline: Self.at(1))
        #expect(pending.brokenLimit(size: 50) == nil)
    }
}
