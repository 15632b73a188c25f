import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RosterTests {
    private let ann = Array("ann".utf8)

    private func connect(_ name: [UInt8], to people: inout Roster) -> Bool { people.connect(name) }

    private func check(
        _ people: inout Roster, _ expected: Roster.Outcome, at location: SourceLocation = #_sourceLocation,
        _ step: (inout Roster) -> Roster.Outcome
    ) {
        let departure = step(&people)
        #expect(departure == expected, sourceLocation: location)
    }

    private func time(_ seconds: Int) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000) }

    @Test("one member may have any number of connections") func onePersonHasAny() {
        var people = Roster(grace: nil)
        #expect(connect(ann, to: &people))
        #expect(!connect(ann, to: &people))
        #expect(Array(people.names) == [ann] && people.isConnected(ann))
        check(&people, .stays) { $0.disconnect(ann, at: time(1)) }
        check(&people, .left) { $0.disconnect(ann, at: time(2)) }
        #expect(people.names.isEmpty && !people.contains(ann))
        check(&people, .stays) { $0.disconnect(ann, at: time(3)) }
    }

    @Test("a member that returns within its grace has never left") func memberReturnsWithinGrace() {
        var people = Roster(grace: .seconds(10))
        #expect(connect(ann, to: &people))
        check(&people, .mayReturn(within: .seconds(10))) { $0.disconnect(ann, at: time(0)) }
        #expect(people.contains(ann) && !people.isConnected(ann))
        #expect(!connect(ann, to: &people))
        check(&people, .stays) { $0.look(at: ann, at: time(10)) }
        #expect(Array(people.names) == [ann])
    }

    @Test("many polls of a member have one timer") func oneWatchFollowsMany() {
        var people = Roster(grace: .seconds(10))
        #expect(connect(ann, to: &people))
        check(&people, .mayReturn(within: .seconds(10))) { $0.disconnect(ann, at: time(0)) }
        for second in 1...4 {
            #expect(!connect(ann, to: &people))
            check(&people, .stays) { $0.disconnect(ann, at: time(second)) }
        }
        check(&people, .mayReturn(within: .seconds(4))) { $0.look(at: ann, at: time(10)) }
        check(&people, .left) { $0.look(at: ann, at: time(14)) }
        #expect(people.names.isEmpty)
        #expect(connect(ann, to: &people), "the next to come is new")
    }
}
