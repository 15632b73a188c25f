import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct CursorTests {
    private func position(_ offset: UInt64) -> RoomPosition { RoomPosition(offset: offset, epoch: "e") }

    private func batch(to offset: UInt64, gap: (from: UInt64, to: UInt64)? = nil) -> LogBatch {
        LogBatch(
            gap: gap.map { RoomGap(from: position($0.from), to: position($0.to)) }, entries: [],
            last: offset, position: position(offset))
    }

    @Test("a cursor moves to the end of a batch, and tells each gap once")
    func advance() {
        var cursor = Cursor(offset: 3)
        cursor.advance(past: batch(to: 5))
        #expect(cursor.offset == 5 && cursor.gap == nil)
        cursor.advance(past: batch(to: 9, gap: (5, 8)))
        let told = [cursor.takeGap(), cursor.takeGap()]
        #expect(cursor.offset == 9 && told == [RoomGap(from: position(5), to: position(8)), nil])
    }

    @Test("gaps that were not told yet become one")
    func merge() {
        var cursor = Cursor(offset: 3, gap: RoomGap(from: position(1), to: position(3)))
        cursor.advance(past: batch(to: 7, gap: (3, 6)))
        #expect(cursor.gap == RoomGap(from: position(1), to: position(6)))
    }

    @Test("a shard reports its lowest cursor, and the lowest of those that had caught up")
    func progress() {
        var progress = ShardProgress(allAt: 10)
        progress.include(Cursor(offset: 4))
        var caughtUp = Cursor(offset: 7)
        caughtUp.hasCaughtUp = true
        progress.include(caughtUp)
        #expect(progress.lowWatermark == 4 && progress.slowestCaughtUpOffset == 7 && progress.deliveredOffset == 10)
    }
}
