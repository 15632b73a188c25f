import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomRateTests {
    private let ann = Array("ann".utf8)
    private let bob = Array("bob".utf8)

    private func time(_ seconds: Int) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000) }

    private func take(_ rates: inout RoomRates, _ member: [UInt8], _ seconds: Int) -> Int? {
        rates.consume(member, at: time(seconds))
    }

    @Test("each member has a rate of its own, which comes back")
    func member() {
        var rates = RoomRates(member: RoomRate(2, per: .seconds(10)), room: nil)
        #expect(take(&rates, ann, 0) == nil)
        #expect(take(&rates, ann, 0) == nil)
        #expect(take(&rates, ann, 0) == 5)
        #expect(take(&rates, bob, 0) == nil)
        #expect(take(&rates, ann, 5) == nil)
    }

    @Test("the room's rate holds for all of them together")
    func room() {
        var rates = RoomRates(member: nil, room: RoomRate(2, per: .seconds(10)))
        #expect(take(&rates, ann, 0) == nil)
        #expect(take(&rates, bob, 0) == nil)
        #expect(take(&rates, ann, 0) == 5)
        #expect(take(&rates, bob, 0) == 5)
    }

    @Test("without rates everything goes")
    func none() {
        var rates = RoomRates(member: nil, room: nil)
        for _ in 1...1000 {
            let seconds = take(&rates, ann, 0)
            #expect(seconds == nil)
        }
    }
}
