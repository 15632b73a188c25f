import CarafeWebSocketCodec
import Testing

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

@Suite("Open rooms", .timeLimit(.minutes(10)))
struct OpenRoomsTests {
    private let rooms = OpenRooms()
    private let hints = Recorded<String>()

    init() {
        let hints = hints
        rooms.start { event in
            switch event {
            case .appended(let page, let room): hints.add(room + page.entries.map { "\($0.offset)" }.joined())
            default: hints.add("\(event)")
            }
        }
    }

    private func position(_ offset: UInt64) -> RoomPosition { RoomPosition(offset: offset, epoch: "e") }

    private func page(_ offsets: ClosedRange<UInt64>) -> EnginePage {
        let entries = offsets.map { EngineEntry(offset: $0, time: 0, post: RoomPost(.text(""))) }
        return EnginePage(end: position(offsets.upperBound), entries: entries)
    }

    @Test("entries that follow are hinted at, and others not: another process has added some between")
    func follow() {
        rooms.open("a", at: position(2))
        #expect(rooms.hint([("a", page(3...4))]))
        #expect(rooms.hint([("a", page(5...5))]))
        #expect(!rooms.hint([("a", page(7...7))]))
        #expect(!rooms.hint([("a", page(5...6))]))
        #expect(hints.all == ["a34", "a5"])
        #expect(rooms.all.map(\.end) == [position(5)])
    }

    @Test("rooms that are not open get no hints, and hinder none")
    func closed() {
        rooms.open("a", at: position(0))
        #expect(rooms.hint([("b", page(7...7)), ("a", page(1...1))]))
        rooms.hint(read: page(8...8), of: "b")
        rooms.close("a")
        #expect(rooms.isEmpty && rooms.hint([("a", page(2...2))]))
        #expect(hints.all == ["a1"])
    }

    @Test("entries that were read are hinted at wherever they begin, and the next follow them")
    func read() {
        rooms.open("a", at: position(0))
        rooms.hint(read: page(5...6), of: "a")
        #expect(rooms.hint([("a", page(7...7))]))
        #expect(hints.all == ["a56", "a7"])
    }

    @Test("a reading moves the end on, and never back")
    func note() {
        rooms.note(position(9), of: "a")
        #expect(rooms.isEmpty)
        rooms.open("a", at: position(4))
        rooms.note(position(6), of: "a")
        rooms.note(position(5), of: "a")
        #expect(rooms.hint([("a", page(7...7))]))
    }

    @Test("other events are for all rooms")
    func events() {
        rooms.send(.claimsLost)
        #expect(hints.all == ["claimsLost"])
    }
}
