import Carafe
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomPresenceTests {
    private let room = Room<String>(presence: PresenceOptions(grace: .seconds(10)))

    private static let permit: RoomAuthorizer<String> = { $0.name = $0.request.query["name"] }

    private func client() throws -> TestClient {
        let room = room
        var app = App()
        app.room("/tea", permit: Self.permit) { _ in room }
        return try TestClient(app)
    }

    private func id(_ offset: Int) -> String { "\(offset)-\(room.end.epoch ?? "")" }

    private static let events: HTTPFields = [.accept: "text/event-stream"]

    @Test("a new subscriber gets the present names") func newSubscriberGetsPresent() async throws {
        let client = try client()
        try await client.webSocket("/tea?name=ann") { ann async throws in
            #expect(try await ann.receiveText() == "{\"id\":\"\(id(1))\",\"here\":[\"ann\"]}")
            try await client.webSocket("/tea?name=bob") { bob async throws in
                #expect(try await bob.receiveText() == "{\"id\":\"\(id(2))\",\"here\":[\"ann\",\"bob\"]}")
                #expect(try await ann.receiveText() == "{\"id\":\"\(id(2))\",\"joined\":\"bob\"}")
            }
            await client.advanceTime(by: .seconds(9))
            #expect(room.members == ["ann", "bob"])
            await client.advanceTime(by: .seconds(1))
            #expect(try await ann.receiveText() == "{\"id\":\"\(id(3))\",\"left\":\"bob\"}")
            #expect(room.members == ["ann"])
        }
    }

    @Test("a person with two tabs is one") func personWithTwo() async throws {
        let client = try client()
        try await client.stream("/tea?name=eve", headers: Self.events) { eve async throws in
            #expect(
                try await eve.nextText()
                    == "id: \(id(1))\nevent: position\ndata: \(id(1))\n\nevent: presence\ndata: {\"here\":[\"eve\"]}\n\n"
            )
            try await client.webSocket("/tea?name=ann") { _ in
                try await client.stream("/tea?name=ann&stream=iframe") { other async throws in
                    #expect(try await other.nextText()?.contains(",\"here\":[\"ann\",\"eve\"]})</script>") == true)
                }
            }
            #expect(
                try await eve.nextText() == "id: \(id(2))\nevent: presence\ndata: {\"joined\":\"ann\"}\n\n")
            await client.advanceTime(by: .seconds(10))
            #expect(try await eve.nextText() == "id: \(id(3))\nevent: presence\ndata: {\"left\":\"ann\"}\n\n")
        }
    }

    @Test("a client that polls is present for the grace") func clientPollsPresentGrace() async throws {
        let client = try client()
        let first = try await client.get("/tea?name=ann").text
        #expect(first == "{\"position\":\"\(id(1))\",\"here\":[\"ann\"],\"entries\":[]}")
        for _ in 1...5 {
            await client.advanceTime(by: .seconds(6))
            #expect(try await client.get("/tea?name=ann&after=\(id(1))").text.hasSuffix("\",\"entries\":[]}"))
        }
        await client.advanceTime(by: .seconds(10))
        #expect(room.members.isEmpty)
        let answer = try await client.get("/tea?name=ann&after=\(id(1))").text
        #expect(answer.contains("{\"id\":\"\(id(2))\",\"left\":\"ann\"},{\"id\":\"\(id(3))\",\"joined\":\"ann\"}"))
    }

    @Test("a subscriber with a gap gets the present names again") func subscriberGapGetsPresent() async throws {
        let client = try client()
        let answer = try await client.get("/tea?name=ann&after=7-0").text
        #expect(answer.contains("\"gap\":{") && answer.contains("\"here\":[\"ann\"]"))
        try await client.webSocket("/tea?name=ann&after=7-0") { socket async throws in
            let gap = try await socket.receiveText() ?? ""
            #expect(gap.contains("\"gap\":{") && gap.hasSuffix(",\"here\":[\"ann\"]}"))
        }
    }

    @Test("a name cannot break out of JSON, an event or a script") func namesCannotBreakOut() async throws {
        let client = try client()
        try await client.stream("/tea?name=%22%3C/script%3E&stream=iframe") { stream async throws in
            let text = try await stream.nextText() ?? ""
            #expect(text.contains("\"here\":[\"\\\"\\u003c/script\\u003e\"]})</script>"), "\(text)")
        }
    }

    @Test("changes of presence are not history") func comingAndGoing() async throws {
        let room = Room<String>(history: RoomHistory(countLimit: 2), presence: PresenceOptions(grace: .zero))
        var app = App()
        app.room("/tea", permit: Self.permit) { _ in room }
        let client = try TestClient(app)
        for text in ["one", "two", "three"] { try await room.publish(text) }
        for _ in 1...20 {
            _ = try await client.get("/tea?name=ann")
            await client.advanceTime(by: .zero)
        }
        let answer = try await client.get("/tea?last=2").text
        #expect(answer.contains("\"two\"") && answer.contains("\"three\"") && !answer.contains("\"one\""))
    }

    @Test("code of the server gets the changes too") func codeOfTheServer() async throws {
        let client = try client()
        let room = room
        try await room.publish("before")
        let changes = room.changes.makeAsyncIterator()
        let told = Task {
            var changes = changes
            let (first, second) = (try await changes.next(), try await changes.next())
            return [first, second]
        }
        try await client.webSocket("/tea?name=ann") { _ in _ = try await room.publish("between") }
        await client.advanceTime(by: .seconds(10))
        #expect(try await told.value == [.joined("ann"), .left("ann")])
    }

    @Test("a socket of the app's own gets messages only") func aSocket() async throws {
        let room = room
        var app = App()
        app.webSocket("/own/<name>") { (socket, name: String) in
            try await room.join(socket, as: name)
            for try await _ in socket {}
        }
        let client = try TestClient(app)
        try await client.webSocket("/own/ann") { ann async throws in
            try await client.webSocket("/own/bob") { _ in _ = try await room.publish("hello") }
            #expect(try await ann.receiveText() == "\"hello\"")
            #expect(room.members == ["ann", "bob"])
            // Who is away for a moment may come back under the same name.
            try await client.webSocket("/own/bob") { _ in }
        }
    }
}
