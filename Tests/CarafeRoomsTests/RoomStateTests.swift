import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomStateTests {
    private let ann = Array("ann".utf8)

    private func state(grace: Duration? = nil) -> RoomState {
        let options = RoomOptions(history: RoomHistory(), presence: grace.map { PresenceOptions(grace: $0) })
        return RoomState(
            options, isJSON: false, isCopy: false, backpressure: PublisherBackpressure(atMost: nil))
    }

    private func key(_ text: String) -> IdempotencyKeys.Key { IdempotencyKeys.Key(member: ann, key: text) }

    @Test("the key of an earlier post returns its position and appends nothing")
    func keys() throws {
        var state = state()
        let first = try state.publish(RoomPost(.text("1")), key: key("a"))
        let again = try state.publish(RoomPost(.text("1")), key: key("a"))
        let second = try state.publish(RoomPost(.text("2")), key: key("b"))
        #expect(first == again && first.offset == 1 && second.offset == 2 && state.log.last == 2)
    }

    @Test("a post for nobody who is here is refused, and its key stays free")
    func nobody() throws {
        var state = state()
        let post = RoomPost(.text("1"), to: [ann])
        #expect(throws: RoomError.nobody("ann")) { try state.publish(post, key: key("a")) }
        #expect(state.log.last == 0)
        try state.connect(ann, isShared: false)
        let position = try state.publish(post, key: key("a"))
        #expect(position.offset == 1)
    }

    @Test("a name with a connection is refused in the same step, unless it is shared")
    func exclusive() throws {
        var state = state()
        try state.connect(ann, isShared: false)
        #expect(throws: RoomError.nameInUse("ann")) { try state.connect(ann, isShared: false) }
        try state.connect(ann, isShared: true)
        #expect(state.members.count == 1)
    }

    @Test("with presence the log has each join and leave, once for all connections of a name")
    func presence() throws {
        var state = state(grace: .zero)
        try state.connect(ann, isShared: true)
        try state.connect(ann, isShared: true)
        #expect(state.log.last == 1)
        var departure = state.depart(ann, by: .disconnected)
        #expect(departure == .stays && state.log.last == 1)
        departure = state.depart(ann, by: .disconnected)
        #expect(departure == .mayReturn(within: .zero) && state.log.last == 1)
        departure = state.depart(ann, by: .graceEnded)
        #expect(departure == .left && state.log.last == 2)
        #expect(state.log.entries(after: 0).map(\.kind) == [.change(.joined("ann")), .change(.left("ann"))])
    }

    @Test("without presence the log has nothing of that")
    func silent() throws {
        var state = state()
        try state.connect(ann, isShared: false)
        #expect(state.members.contains(ann) && state.log.last == 0)
        let departure = state.depart(ann, by: .removed)
        #expect(departure == .stays)
    }
}
