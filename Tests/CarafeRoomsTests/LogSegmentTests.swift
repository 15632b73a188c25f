import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct LogSegmentTests {
    @Test(
        "an offset of this process and one of the engine are the same place, whichever log is longer",
        arguments: [(7, 107, 100), (107, 7, 0 &- 100), (0, 0, 0), (3, 3, 0)] as [(UInt64, UInt64, UInt64)])
    func shifts(offset: UInt64, engineOffset: UInt64, shift: UInt64) {
        let segment = LogSegment(epoch: "e", shift: shift, isJSON: true)
        #expect(segment.position(of: offset) == RoomPosition(offset: engineOffset, epoch: "e"))
        #expect(segment.offset(of: engineOffset) == offset)
    }
}
