import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct MemoryEngineTests {
    private let ann = Array("ann".utf8)
    private let now = NIODeadline.uptimeNanoseconds(0)

    private func engine(grace: Duration? = nil) -> MemoryEngine {
        let options = RoomOptions(history: RoomHistory(), presence: grace.map { PresenceOptions(grace: $0) })
        return MemoryEngine(options, isJSON: false)
    }

    private func key(_ text: String) -> IdempotencyKeys.Key { IdempotencyKeys.Key(member: ann, key: text) }

    @Test("the key of an earlier post returns its position and appends nothing, after the end too")
    func keys() throws {
        var engine = engine()
        let first = try engine.append(RoomPost(.text("1")), key: key("a"), at: now)
        let again = try engine.append(RoomPost(.text("1")), key: key("a"), at: now)
        let second = try engine.append(RoomPost(.text("2")), key: key("b"), at: now)
        #expect(first == again && first.offset == 1 && second.offset == 2 && engine.last == 2)
        #expect(engine.position(of: key("b")) == second && engine.position(of: key("c")) == nil)
        engine.finish()
        let late = try engine.append(RoomPost(.text("1")), key: key("a"), at: now)
        #expect(late == first)
        #expect(throws: RoomError.ended) { try engine.append(RoomPost(.text("3")), key: key("c"), at: now) }
    }

    @Test("a post for nobody who is here is refused, and its key stays free")
    func nobody() throws {
        var engine = engine()
        let post = RoomPost(.text("1"), to: [ann])
        #expect(throws: RoomError.nobody("ann")) { try engine.append(post, key: key("a"), at: now) }
        #expect(engine.last == 0 && engine.position(of: key("a")) == nil)
        _ = engine.connect(ann, at: now)
        let position = try engine.append(post, key: key("a"), at: now)
        #expect(position.offset == 1)
    }

    @Test("with presence the log has each join and leave, once for all connections of a name")
    func presence() {
        var engine = engine(grace: .zero)
        let isNew = [engine.connect(ann, at: now), engine.connect(ann, at: now)]
        #expect(isNew == [true, false] && engine.last == 1)
        var departure = engine.depart(ann, by: .disconnected, at: now)
        #expect(departure == .stays && engine.last == 1)
        departure = engine.depart(ann, by: .disconnected, at: now)
        #expect(departure == .mayReturn(within: .zero) && engine.last == 1)
        departure = engine.depart(ann, by: .graceEnded, at: now)
        #expect(departure == .left && engine.last == 2)
        #expect(engine.log.entries(after: 0).map(\.change) == [.joined("ann"), .left("ann")])
    }

    @Test("without presence nothing of that is in the log, and nothing is after the end")
    func silent() {
        var engine = engine()
        _ = engine.connect(ann, at: now)
        #expect(engine.roster.contains(ann) && engine.last == 0)
        let departure = engine.depart(ann, by: .removed, at: now)
        #expect(departure == .stays)
        var ended = self.engine(grace: .zero)
        ended.finish()
        _ = ended.connect(ann, at: now)
        #expect(ended.roster.contains(ann) && ended.last == 0 && ended.snapshot(at: now).isFinal)
    }
}
