import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomLineTests {
    @Test("an epoch has 64 random bits, and ends with the first epoch of its line")
    func line() {
        let first = RoomLine.new()
        let second = first.next(after: 10)
        let third = second.next(after: 20)
        #expect(first.epoch.utf8.count == 16 && second.epoch.utf8.count == 32 && third.epoch.utf8.count == 32)
        #expect(second.epoch.hasSuffix(first.epoch) && third.epoch.hasSuffix(first.epoch))
        #expect(third.earlier == [.init(name: first.epoch, last: 10), .init(name: second.epoch, last: 20)])
        #expect(RoomLine.new().epoch != first.epoch)
    }

    @Test(
        "of each epoch a log knows how much it shares",
        arguments: [
            // The run that is read, up to its end and beyond.
            (2, 25, 25, false), (2, 31, 30, true),
            // Earlier runs, up to what was kept of them and beyond.
            (1, 15, 15, false), (1, 20, 20, false), (1, 21, 20, true), (0, 10, 10, false), (0, 12, 10, true),
            // A run of the line that the log has never heard of.
            (3, 12, 12, true), (3, 40, 20, true),
            // Another line.
            (4, 7, 5, true),
        ] as [(Int, UInt64, UInt64, Bool)])
    func known(epoch: Int, offset: UInt64, expected: UInt64, isGap: Bool) {
        let first = RoomLine.new()
        let second = first.next(after: 10)
        let third = second.next(after: 20)
        let epochs = [first.epoch, second.epoch, third.epoch, second.next(after: 11).epoch, RoomLine.makeEpoch()]
        let position = RoomPosition(offset: offset, epoch: epochs[epoch])
        let known = third.known(of: position, last: 30, start: 5)
        #expect(known.offset == expected && known.isGap == isGap)
    }

    @Test("a position without an epoch is of this log, and one beyond its end of none")
    func withoutEpoch() {
        let line = RoomLine.new()
        #expect(line.known(of: RoomPosition(offset: 30), last: 30, start: 5) == (30, false))
        #expect(line.known(of: RoomPosition(offset: 31), last: 30, start: 5) == (5, true))
    }

    @Test("16 earlier epochs are kept, the newest ones")
    func limit() {
        var line = RoomLine.new()
        for last in 1...20 { line = line.next(after: UInt64(last)) }
        #expect(line.earlier.map(\.last) == Array(5...20))
    }
}
