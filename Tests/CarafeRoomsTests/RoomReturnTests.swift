import Carafe
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import CarafeRooms

/// A reader that comes with a position which the log does not go on from.
@Suite(.timeLimit(.minutes(10))) struct RoomReturnTests {
    private static let events: HTTPFields = [.accept: "text/event-stream"]

    private func client(_ room: Room<String>, permit: RoomAuthorizer<String>? = nil) throws -> TestClient {
        var app = App(bare: ())
        app.room("/room", permit: permit) { _ in room }
        return try TestClient(app)
    }

    private static let policies = [SlowMembers<String>.close, .hold(atMost: .seconds(1)), .skip, .latest { $0 }]

    @Test(
        "a newcomer is not a slow member: it gets the gap, and then the entries", arguments: 0..<policies.count,
        ["0", "1", "2"])
    func newcomer(policy: Int, after: String) async throws {
        let room = Room<String>(history: RoomHistory(countLimit: 5), slowMembers: Self.policies[policy])
        for number in 1...8 { try await room.publish("\(number)") }
        let epoch = room.end.epoch ?? ""
        try await client(room).webSocket("/room?after=\(after)") { socket async throws in
            let gap = "{\"id\":\"3-\(epoch)\",\"gap\":{\"from\":\"\(after)-\(epoch)\",\"to\":\"3-\(epoch)\"}}"
            #expect(try await socket.receiveText() == gap)
            for number in 4...8 {
                #expect(try await socket.receiveText() == "{\"id\":\"\(number)-\(epoch)\",\"data\":\"\(number)\"}")
            }
        }
    }

    /// Returns the first item of a restored room by each transport, for a client from before the break.
    private func beginnings(_ client: TestClient, after position: RoomPosition) async throws -> [String: [String]] {
        var told: [String: [String]] = [:]
        let path = "/room?after=\(position)"
        try await client.webSocket(path) { socket async throws in
            told["socket"] = [try await socket.receiveText() ?? "", try await socket.receiveText() ?? ""]
        }
        for (way, path, headers) in [("events", path, Self.events), ("iframe", path + "&stream=iframe", [:])] {
            told[way] = try await client.stream(path, headers: headers) { stream async throws in
                [try await stream.nextText() ?? "", try await stream.nextText() ?? ""]
            }
        }
        told["poll"] = [try await client.get(path).text]
        told["longPoll"] = [try await client.get(path + "&wait=25").text]
        return told
    }

    @Test("after a lost log the gap is told before any new position, in one piece, by each way")
    func gapFirst() async throws {
        let room = Room<String>()
        try await room.publish("first")
        let new = try await room.publish("second")
        let old = RoomPosition(offset: 7, epoch: "00000000")
        let told = try await beginnings(try client(room), after: old)
        #expect(told.count == 5)
        for (way, pieces) in told {
            let first = try #require(pieces.first)
            #expect(
                first.contains("\"from\":\"\(old)\"") && first.contains("\"to\":\"0-\(new.epoch ?? "")\""), "\(way)")
            #expect(
                !(first.firstRange(of: "second").map { second in
                    first.firstRange(of: "gap").map { $0.lowerBound > second.lowerBound } ?? true
                } ?? false))
        }
        #expect(told["events"]?.first?.hasPrefix("id: 0-\(new.epoch ?? "")\nevent: gap\n") == true)
    }

    @Test("the stream of a hidden iframe begins with so much that WebKit runs it")
    func padding() async throws {
        for after in ["0", "7-00000000"] {
            try await client(Room<String>()).stream("/room?after=\(after)&stream=iframe") { stream async throws in
                let first = try await stream.nextText() ?? ""
                #expect(first.utf8.count >= 1024 && first.contains("<script>parent.carafe({"))
            }
        }
    }

    @Test(
        "a socket that asks for it gets a word with each ping, and is told how often", arguments: ["0", "7-00000000"])
    func beats(after: String) async throws {
        let client = try client(Room<String>())
        try await client.webSocket("/room?beat=1&after=\(after)") { socket async throws in
            #expect(try await socket.receiveText()?.contains(",\"beat\":20}") == true)
            for _ in 0..<2 {
                await client.advanceTime(by: .seconds(20))
                #expect(try await socket.receiveText() == "{\"beat\":20}")
            }
        }
    }

    @Test("somebody who is removed hears nothing more by any way, and has left at once")
    func removed() async throws {
        let room = Room<String>(presence: PresenceOptions())
        let permit: RoomAuthorizer<String> = { $0.name = $0.request.query["name"] }
        let client = try client(room, permit: permit)
        try await client.webSocket("/room?name=ann") { ann async throws in
            try await client.stream("/room?name=ann", headers: Self.events) { stream async throws in
                try await client.webSocket("/room?name=bob") { bob async throws in
                    _ = try await (ann.receiveText(), stream.nextText(), bob.receiveText())
                    try await room.remove("ann")
                    await client.advanceTime(by: .zero)
                    while try await ann.receive() != nil {}
                    try await room.publish("private")
                    while let text = try await stream.nextText() { #expect(!text.contains("private")) }
                    #expect(room.members == ["bob"])
                    #expect(try await bob.receiveText()?.contains("left") == true)
                }
            }
        }
    }

    @Test("a poll that is ended before it has read does not go past a gap")
    func endedPoll() async throws {
        let room = Room<String>(presence: PresenceOptions())
        try await room.publish("first")
        let client = try client(room) { access in
            access.name = "ann"
            // Another member is removed between the permission and the poll.
            if access.request.query["bob"] != nil { try await room.remove("bob") }
        }
        let path = "/room?after=7-0000000000000000"
        #expect(try await client.get(path + "&bob=1").status == .serviceUnavailable)
        #expect(try await client.get(path).text.contains("\"gap\""))
    }

    @Test("a permission that ends takes sockets, streams and waiting polls with it")
    func expires() async throws {
        let room = Room<String>(presence: PresenceOptions())
        let client = try client(room) { access in
            access.name = access.request.query["name"]
            access.expires = Date(timeIntervalSinceNow: access.name == "bob" ? 600 : 10)
        }
        try await client.webSocket("/room?name=bob") { bob async throws in
            try await client.webSocket("/room?name=ann") { ann async throws in
                try await client.stream("/room?name=ann", headers: Self.events) { stream async throws in
                    async let poll = client.get("/room?name=eve&wait=60")
                    while !room.members.contains("eve") { await client.advanceTime(by: .zero) }
                    await client.advanceTime(by: .seconds(11))
                    var code: CloseCode?
                    while code == nil, let event = try await ann.nextEvent() {
                        if case .close(let found, _) = event { code = found }
                    }
                    #expect(code == .policyViolation)
                    while try await stream.nextText() != nil {}
                    #expect(try await poll.status == .noContent)
                }
            }
            await client.advanceTime(by: .seconds(11))
            #expect(room.members == ["bob"])
            try await room.publish("still here")
            while try await bob.receiveText()?.contains("still here") == false {}
        }
    }

    @Test("a poll that waits ends when the one for whom it reads is removed")
    func removedPoll() async throws {
        let room = Room<String>(presence: PresenceOptions())
        let client = try client(room) { $0.name = "ann" }
        async let poll = client.get("/room?wait=25")
        while !room.members.contains("ann") { await client.advanceTime(by: .zero) }
        try await room.remove("ann")
        await client.advanceTime(by: .zero)
        #expect(try await poll.status == .noContent)
        #expect(room.members.isEmpty)
    }
}
