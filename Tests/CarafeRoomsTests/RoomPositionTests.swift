import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomPositionTests {
    @Test(
        "a position is an offset, and where it is known the epoch of its log",
        arguments: [
            ("0", RoomPosition(offset: 0)), ("4711-9f3c21d8", RoomPosition(offset: 4711, epoch: "9f3c21d8")),
            ("", nil), ("-", nil), ("-9f", nil), ("1-", nil), ("1-x", nil), ("+1", nil), ("1.5", nil), ("１", nil),
            ("99999999999999999999", nil), ("1-0123456789abcdef0123456789abcdef0", nil), ("1-a-b", nil), (" 1", nil),
        ] as [(String, RoomPosition?)])
    func position(text: String, position: RoomPosition?) {
        #expect(RoomPosition(text) == position)
        if let position { #expect(position.description == text) }
    }

    @Test("a gap is told as an item and as an event, both with the position after it")
    func gap() {
        let gap = RoomGap(from: RoomPosition(offset: 1, epoch: "e"), to: RoomPosition(offset: 3, epoch: "e"))
        #expect(String(buffer: gap.item(list: nil)) == #"{"id":"3-e","gap":{"from":"1-e","to":"3-e"}}"#)
        #expect(String(buffer: gap.event) == "id: 3-e\nevent: gap\ndata: {\"from\":\"1-e\",\"to\":\"3-e\"}\n\n")
    }
}
