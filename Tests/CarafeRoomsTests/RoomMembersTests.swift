import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomMembersTests {
    private let ann = Array("ann".utf8)
    private let now = NIODeadline.uptimeNanoseconds(0)

    private func members(grace: Duration? = .seconds(10), areCopied: Bool = false) -> RoomMembers {
        RoomMembers(grace.map { PresenceOptions(grace: $0) }, areCopied: areCopied)
    }

    private enum Event {
        case connect, disconnect, endGrace, remove
    }

    /// Returns the changes for the log.
    private func play(_ events: [Event], _ members: inout RoomMembers) -> [RoomChange] {
        events.compactMap { event in
            switch event {
            case .connect: members.connect(ann)
            case .disconnect: members.depart(ann, by: .disconnected, at: now).change
            case .endGrace: members.depart(ann, by: .graceEnded, at: now + .seconds(10)).change
            case .remove: members.depart(ann, by: .removed, at: now).change
            }
        }
    }

    @Test(
        "in memory the first connection joins, and the end of the last leaves after the grace",
        arguments: [
            ([.connect], [.joined("ann")], .connected), ([.connect, .connect], [.joined("ann")], .connected),
            ([.connect, .connect, .disconnect], [.joined("ann")], .connected),
            ([.connect, .disconnect], [.joined("ann")], .away),
            ([.connect, .disconnect, .connect, .endGrace], [.joined("ann")], .connected),
            ([.connect, .disconnect, .endGrace], [.joined("ann"), .left("ann")], .none),
            ([.connect, .remove, .disconnect], [.joined("ann"), .left("ann")], .none),
            ([.connect, .remove], [.joined("ann")], .none),
            ([.remove], [], .none), ([.disconnect], [], .none),
        ] as [([Event], [RoomChange], EngineClaim)])
    private func changes(events: [Event], changes: [RoomChange], claim: EngineClaim) {
        var members = members()
        #expect(play(events, &members) == changes)
        #expect(members.claim(on: ann) == claim && members.contains(ann) == (changes.last == .joined("ann")))
        // In an engine's room the node has the same claim, and the engine makes the changes.
        var copied = self.members(areCopied: true)
        #expect(play(events, &copied).isEmpty && copied.claim(on: ann) == claim && copied.count == 0)
    }

    @Test("without presence there are members but no changes")
    func withoutPresence() {
        var members = members(grace: nil)
        #expect(play([.connect], &members).isEmpty && members.names == ["ann"])
        #expect(play([.disconnect], &members).isEmpty && members.names.isEmpty)
    }

    @Test("the names of an engine's room are the engine's, whatever is connected here")
    func copied() {
        var members = members(areCopied: true)
        _ = members.connect(ann)
        #expect(members.isConnected(ann) && !members.contains(ann))
        members.copy(["eve", "bob"].map { Array($0.utf8) })
        members.copy(.joined("ann"))
        members.copy(.left("eve"))
        members.copy(.left("nobody"))
        #expect(members.names == ["ann", "bob"] && members.count == 2 && members.contains(ann))
    }

    @Test("the list is kept until the names change, and one that was made before a change is not")
    func list() {
        var members = members()
        _ = members.connect(ann)
        let before = (list: members.makeList(), changes: members.changes)
        members.keepList(before.list, of: before.changes)
        #expect(members.list == before.list && before.list == ByteBuffer(string: "[\"ann\"]"))
        _ = members.connect(Array("b\"b".utf8))
        #expect(members.list == nil)
        members.keepList(before.list, of: before.changes)
        #expect(members.list == nil && members.makeList() == ByteBuffer(string: "[\"ann\",\"b\\\"b\"]"))
    }
}
