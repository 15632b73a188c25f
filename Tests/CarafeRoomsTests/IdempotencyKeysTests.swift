import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct IdempotencyKeysTests {
    private func key(_ member: String, _ key: String) -> IdempotencyKeys.Key {
        IdempotencyKeys.Key(member: Array(member.utf8), key: key)
    }

    private func position(_ offset: UInt64) -> RoomPosition { RoomPosition(offset: offset, epoch: "e") }

    @Test("a key is of one member, and finds the position of its message")
    func find() {
        var keys = IdempotencyKeys()
        keys.add(key("ann", "1"), position(7))
        #expect(keys[key("ann", "1")] == position(7))
        #expect(keys[key("bob", "1")] == nil && keys[key("ann", "2")] == nil)
    }

    @Test("past 4,000 keys the oldest is forgotten")
    func limit() {
        var keys = IdempotencyKeys()
        for number in 1...4002 { keys.add(key("ann", "\(number)"), position(UInt64(number))) }
        #expect(keys[key("ann", "1")] == nil && keys[key("ann", "2")] == nil)
        #expect(keys[key("ann", "3")] == position(3) && keys[key("ann", "4002")] == position(4002))
    }
}
