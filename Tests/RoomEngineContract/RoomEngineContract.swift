import CarafeRooms
import CarafeWebSocketCodec

/// The promises of `RoomEngine`, which the tests of each engine check.
package struct RoomEngineContract: Sendable, CustomStringConvertible {
    /// Makes a node of those that share an engine.
    package typealias MakeNode = @Sendable () async throws -> ContractNode

    package let description: String
    package let check: @Sendable (MakeNode) async throws -> Void

    private init(_ description: String, _ check: @escaping @Sendable (MakeNode) async throws -> Void) {
        self.description = description
        self.check = check
    }

    private static let tea = EngineRoom(name: "tea", history: RoomHistory())

    package static let all = log + keysAndAudiences + hints + claims + roomsAndLimits

    private static let log = [
        RoomEngineContract("posts have offsets one after another, in one epoch, on all nodes") { makeNode in
            let (first, second) = (try await makeNode(), try await makeNode())
            for number in 1...3 as ClosedRange<UInt64> {
                let position = try await first.append("\(number)", in: tea)
                try require(position.offset, is: 2 * number - 1)
                let next = try await second.append("\(number)", in: tea)
                try require(next, is: RoomPosition(offset: 2 * number, epoch: position.epoch))
                try require(next.epoch != nil, "an epoch")
                for node in [first, second] { try require(try await node.end(of: tea), is: next) }
            }
        },
        RoomEngineContract("a post comes back as it was") { makeNode in
            let node = try await makeNode()
            try await node.claim("ann", in: tea)
            let bytes = RoomPost(.binary([0, 255, 10]), to: [Array("ann".utf8), Array("李".utf8)], about: [0, 1])
            _ = try await node.engine.append(bytes, key: nil, to: tea)
            try await node.append("", in: tea)
            let entries = try await node.engine.read(tea, after: 1).entries
            try require(entries.map(\.offset), is: [2, 3])
            try require(entries[0].post.message, is: .binary([0, 255, 10]))
            try require(entries[0].post.audience ?? [], is: [Array("ann".utf8), Array("李".utf8)])
            try require(entries[0].post.subject ?? [], is: [0, 1])
            try require(entries[1].post.message, is: .text(""))
            try require(entries[1].post.audience == nil && entries[1].post.subject == nil, "no audience and no subject")
            try require(abs(entries[1].time - WallClock.milliseconds) < 600_000, "the present time")
        },
        RoomEngineContract("a node opens a room with its names, and reads it to its end in pages") { makeNode in
            let (first, second) = (try await makeNode(), try await makeNode())
            try await first.claim("ann", in: tea)
            let text = String(repeating: "a", count: 10_000)
            for _ in 0..<200 { try await first.append(text, in: large) }
            try await first.append("last", in: tea)
            let opening = try await second.engine.open(tea)
            try require(opening.names, is: [Array("ann".utf8)])
            try require(opening.page.entries.map(\.post.line), is: ["joined ann", "message last"])
            try require(opening.page.end, is: try await first.end(of: tea))
            try require(opening.line.epoch, is: opening.page.end.epoch ?? "")
            try require(opening.line.earlier, is: [])
            try require(try await second.all(in: large).map(\.offset), is: Array(1...200))
            try require(try await second.engine.read(large, after: 200).entries.isEmpty, "no entries after the end")
        },
        RoomEngineContract("concurrent posts of two nodes have each a place") { makeNode in
            let (first, second) = (try await makeNode(), try await makeNode())
            let positions = try await withThrowingTaskGroup(of: (String, UInt64).self) { group in
                for number in 0..<100 {
                    for (name, node) in [("a", first), ("b", second)] {
                        let text = "\(name)\(number)"
                        group.addTask { (text, try await node.append(text, in: tea).offset) }
                    }
                }
                return try await group.reduce(into: [UInt64: String]()) { $0[$1.1] = $1.0 }
            }
            try require(positions.keys.sorted(), is: Array(1...200))
            for entry in try await first.all(in: tea) {
                try require(entry.post.message.text, is: positions[entry.offset])
            }
        },
    ]

    private static let large = EngineRoom(
        name: "large", history: RoomHistory(countLimit: 10_000, byteLimit: 100 << 20))

    private static let keysAndAudiences = [
        RoomEngineContract("a known key returns its position, on any node, and another member's is another") {
            makeNode in
            let (first, second) = (try await makeNode(), try await makeNode())
            let position = try await first.append("a", key: "k", in: tea)
            try require(try await second.append("b", key: "k", in: tea), is: position)
            try require(try await first.append("c", key: "k", of: "bob", in: tea).offset, is: 2)
            try require(try await first.append("d", key: "k2", in: tea).offset, is: 3)
            try require(try await second.lines(in: tea), is: ["1 message a", "2 message c", "3 message d"])
        },
        RoomEngineContract("an audience of which nobody is here is refused, and its key stays unknown") { makeNode in
            let (first, second) = (try await makeNode(), try await makeNode())
            try await require(.nobody("bob")) { try await first.append("a", key: "k", to: ["bob", "eve"], in: tea) }
            try await require(.nobody("")) { try await first.append("a", to: [], in: tea) }
            try await second.claim("eve", in: tea)
            try require(try await first.append("a", key: "k", to: ["bob", "eve"], in: tea).offset, is: 2)
            try await second.claim("eve", as: .away, in: tea)
            try require(try await first.append("b", to: ["eve"], in: tea).offset, is: 3)
            try await second.claim("eve", as: .none, in: tea)
            try await require(.nobody("eve")) { try await first.append("c", to: ["eve"], in: tea) }
            // The key's post was published while somebody was here.
            try require(try await first.append("a", key: "k", to: ["bob"], in: tea).offset, is: 2)
        },
    ]

    private static let hints = [
        RoomEngineContract("each node with an open room hears of new entries, in order") { makeNode in
            let (first, second) = (try await makeNode(), try await makeNode())
            _ = try await first.engine.open(tea)
            _ = try await second.engine.open(tea)
            try await first.append("a", in: tea)
            try await first.claim("ann", in: tea)
            try await second.append("b", about: "s", in: tea)
            let end = try await second.end(of: tea)
            for node in [first, second] {
                var entries: [EngineEntry] = []
                while entries.count < 3 {
                    let page = try await node.hint(in: tea)
                    try require(page.end.epoch, is: end.epoch)
                    try require(page.end.offset, is: page.entries.last?.offset ?? 0)
                    entries += page.entries
                }
                try require(entries.map(\.offset), is: [1, 2, 3])
                try require(entries.map(\.post.line), is: ["message a", "joined ann", "message b"])
                try require(entries[2].post.subject ?? [], is: Array("s".utf8))
            }
        },
        RoomEngineContract("a node hears nothing of a room that it has closed") { makeNode in
            let node = try await makeNode()
            let other = EngineRoom(name: "other", history: RoomHistory())
            for room in [tea, other] { _ = try await node.engine.open(room) }
            node.engine.close(tea)
            // The engine does the steps of a node in order, and this one waits.
            _ = try await node.engine.open(other)
            try await node.append("a", in: tea)
            try await node.append("b", in: other)
            let room = try await node.first { if case .appended(_, let room) = $0 { room } else { nil } }
            try require(room, is: "other")
        },
    ]

    private static let claims = [
        RoomEngineContract("the first claim of all nodes is joined, and the end of the last is left") { makeNode in
            let (first, second) = (try await makeNode(), try await makeNode())
            try await first.claim("ann", in: tea)
            try await first.claim("ann", in: tea)
            try await second.claim("ann", in: tea)
            try await first.claim("ann", as: .none, in: tea)
            try require(try await first.engine.open(tea).names, is: [Array("ann".utf8)])
            try await second.claim("ann", as: .away, in: tea)
            try require(try await first.lines(in: tea), is: ["1 joined ann"])
            try await second.claim("ann", as: .none, in: tea)
            try await second.claim("ann", as: .none, in: tea)
            try require(try await first.lines(in: tea), is: ["1 joined ann", "2 left ann"])
            try require(try await first.engine.open(tea).names, is: [])
        },
        RoomEngineContract("an exclusive claim is refused while another node has a connection") { makeNode in
            let (first, second) = (try await makeNode(), try await makeNode())
            try await first.claim("ann", isExclusive: true, in: tea)
            try await first.claim("ann", isExclusive: true, in: tea)
            try await require(.nameInUse("ann")) { try await second.claim("ann", isExclusive: true, in: tea) }
            try await second.claim("ann", in: tea)
            try await second.claim("ann", as: .none, in: tea)
            try await first.claim("ann", as: .away, in: tea)
            try await second.claim("ann", isExclusive: true, in: tea)
            try require(try await first.lines(in: tea), is: ["1 joined ann"])
        },
        RoomEngineContract("a removal ends the claims of all nodes") { makeNode in
            let (first, second) = (try await makeNode(), try await makeNode())
            try await first.claim("ann", in: tea)
            try await second.claim("ann", in: tea)
            try await second.engine.remove(Array("ann".utf8), from: tea)
            try await second.engine.remove(Array("ann".utf8), from: tea)
            let removed = ["1 joined ann", "2 removal ann", "3 left ann", "4 removal ann"]
            try require(try await first.lines(in: tea), is: removed)
            try await first.claim("ann", as: .none, in: tea)
            try require(try await first.lines(in: tea), is: removed)
            try await first.claim("ann", isExclusive: true, in: tea)
            try require(try await first.lines(in: tea), is: removed + ["5 joined ann"])
        },
        RoomEngineContract("the claims of a node end with it") { makeNode in
            let (first, second) = (try await makeNode(), try await makeNode())
            let other = EngineRoom(name: "other", history: RoomHistory())
            for room in [tea, other] { try await first.claim("ann", in: room) }
            try await first.claim("bob", in: tea)
            try await second.claim("bob", in: tea)
            await first.engine.stop()
            try require(try await second.lines(in: tea), is: ["1 joined ann", "2 joined bob", "3 left ann"])
            try require(try await second.lines(in: other), is: ["1 joined ann", "2 left ann"])
        },
    ]

    private static let roomsAndLimits = [
        RoomEngineContract("rooms of any name do not mix, and their ends come in order") { makeNode in
            let node = try await makeNode()
            let names = [
                "a", "A", "a b", "a}", "{a", "{a}", "{a}:meta", "a:log", "%7Ba", "%", "*", "a*", "?", "[a]", "茶", "茶室",
                "a'b\"", "$1", "\\", "/", String(repeating: "n", count: 200), String(repeating: "茶", count: 66),
            ]
            let rooms = names.map { EngineRoom(name: $0, history: RoomHistory()) }
            for (index, room) in rooms.enumerated() {
                try await node.claim("ann", in: room)
                for _ in 0..<index { try await node.append(room.name, key: nil, in: room) }
            }
            let unused = EngineRoom(name: "unused", history: RoomHistory())
            let ends = try await node.engine.ends(of: [unused] + rooms)
            try require(ends.map(\.offset), is: [0] + (1...UInt64(rooms.count)))
            for room in rooms {
                let opening = try await node.engine.open(room)
                try require(opening.names, is: [Array("ann".utf8)])
                try require(
                    opening.page.entries.dropFirst().allSatisfy { $0.post.message.text == room.name }, room.name)
            }
        },
        RoomEngineContract("the newest messages are kept, and not many more, by number and by size") { makeNode in
            let node = try await makeNode()
            let few = EngineRoom(name: "few", history: RoomHistory(countLimit: 10))
            try require(few.retention.countLimit, is: 1000)
            for number in 1...1200 { try await node.append("\(number)", in: few) }
            let kept = try await node.all(in: few)
            try require((1000...1100).contains(kept.count), "1000 to 1100 entries, found \(kept.count)")
            try require(kept.map(\.offset), is: Array(1201 - UInt64(kept.count)...1200))
            let text = String(repeating: "a", count: 100_000)
            for _ in 0..<50 { try await node.append(text, in: tea) }
            let count = try await node.all(in: tea).count
            try require((10...12).contains(count), "1 MiB, found \(count) entries of 100 kB")
        },
    ]
}
