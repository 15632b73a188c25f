import Carafe
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomRouteTests {
    private struct Chat: Codable, Equatable {
        var from: String?
        var text: String
    }

    private struct Poll: Codable {
        struct Item: Codable {
            var id: String
            var data: Chat
        }
        struct Gap: Codable, Equatable {
            var from: String
            var to: String
        }
        var position: String
        var gap: Gap?
        var entries: [Item]

        var texts: [String] { entries.map(\.data.text) }
    }

    private let room = Room<Chat>()

    private func client(_ room: Room<Chat>? = nil, permit: RoomAuthorizer<Chat>? = nil) throws -> TestClient {
        let room = room ?? self.room
        var app = App()
        app.room("/rooms/<name>", permit: permit) { (_, name: String) in
            guard name == "tea" else { throw HTTPError(.notFound, "There is no \(name).") }
            return room
        }
        return try TestClient(app)
    }

    private func say(_ texts: String...) async throws {
        for text in texts { try await room.publish(Chat(text: text)) }
    }

    private func id(_ offset: Int, in room: Room<Chat>? = nil) -> String {
        "\(offset)-\((room ?? self.room).end.epoch ?? "")"
    }

    private static let events: HTTPFields = [.accept: "text/event-stream"]

    // MARK: Polling

    @Test("a poll returns the newer entries") func pollGives() async throws {
        let client = try client()
        try await say("one", "two", "three")
        let first = try await client.get("/rooms/tea?after=1")
        let poll = try first.json(Poll.self)
        #expect(poll.texts == ["two", "three"] && poll.position == id(3) && poll.entries[0].id == id(2))
        #expect(poll.gap == nil && first.headers[.eTag] == "\"\(id(3))\"")
        let again = try await client.get("/rooms/tea?after=\(id(3))").json(Poll.self)
        #expect(again.entries.isEmpty && again.position == id(3))
        let cached = try await client.get("/rooms/tea?after=\(id(3))", headers: [.ifNoneMatch: "\"\(id(3))\""])
        #expect(cached.status == .notModified)
        try await say("four")
        let newer = try await client.get("/rooms/tea?after=\(id(3))", headers: [.ifNoneMatch: "\"\(id(3))\""])
        #expect(try newer.json(Poll.self).texts == ["four"])
    }

    @Test("a poll without a position begins now") func pollWithout() async throws {
        let client = try client()
        try await say("one", "two", "three")
        let now = try await client.get("/rooms/tea").json(Poll.self)
        #expect(now.entries.isEmpty && now.position == id(3))
        #expect(try await client.get("/rooms/tea?last=2").json(Poll.self).texts == ["two", "three"])
        #expect(try await client.get("/rooms/tea?last=9").json(Poll.self).texts == ["one", "two", "three"])
    }

    @Test("entries that the log no longer has are a gap") func entriesLogNoLonger() async throws {
        let room = Room<Chat>(history: RoomHistory(countLimit: 2))
        let client = try client(room)
        for number in 1...5 { try await room.publish(Chat(text: "\(number)")) }
        let poll = try await client.get("/rooms/tea?after=1").json(Poll.self)
        #expect(poll.gap == Poll.Gap(from: id(1, in: room), to: id(3, in: room)) && poll.texts == ["4", "5"])
        #expect(try await client.get("/rooms/tea?after=3").json(Poll.self).gap == nil)
    }

    @Test("a position of another log is a gap", arguments: ["2-00000000", "7", "2-ffff"])
    func positionOfAnother(position: String) async throws {
        let client = try client()
        try await say("one", "two")
        let poll = try await client.get("/rooms/tea?after=\(position)").json(Poll.self)
        #expect(poll.gap == Poll.Gap(from: position, to: id(0)) && poll.texts == ["one", "two"])
    }

    @Test(
        "a query that cannot be parsed is 400",
        arguments: [
            "after=x", "after=", "after=-1", "after=1-", "after=1-G", "wait=x", "wait=-1", "wait=61", "last=-1",
            "last=x",
            "stream=x", "stream=iframe&callback=alert(1)", "stream=iframe&callback=carafe.b",
            "stream=iframe&callback=show",
        ])
    func queryCannotParsed400(query: String) async throws {
        let answer = try await client().get("/rooms/tea?\(query)")
        #expect(answer.status == .badRequest && answer.text.hasPrefix("Expected "))
        let refusal = await #expect(throws: TestHandshakeError.self) {
            try await client().webSocket("/rooms/tea?\(query)") { _ in }
        }
        #expect(refusal?.response.status == .badRequest)
    }

    @Test("a room that does not exist is 404") func aRoom() async throws {
        let client = try client()
        #expect(try await client.get("/rooms/coffee").status == .notFound)
        #expect(try await client.post("/rooms/coffee", body: "{}").text == "There is no coffee.")
        await #expect(throws: TestHandshakeError.self) { try await client.webSocket("/rooms/coffee") { _ in } }
    }

    // MARK: Long polling

    @Test("a long poll waits for the next entry") func longPollWaits() async throws {
        let client = try client()
        try await say("one")
        async let answer = client.get("/rooms/tea?after=1&wait=25")
        try await client.untilListening()
        try await say("two")
        await client.advanceTime(by: .zero)
        #expect(try await answer.json(Poll.self).texts == ["two"])
    }

    @Test("a long poll ends after its time") func longPoll() async throws {
        let client = try client()
        try await say("one")
        async let answer = client.get("/rooms/tea?after=1&wait=25")
        // Time goes on until the poll has come to where it waits, and to its end.
        let clock = Task {
            while !Task.isCancelled {
                await client.advanceTime(by: .seconds(25))
                await Task.yield()
            }
        }
        defer { clock.cancel() }
        let end = try await answer
        #expect(end.status == .noContent && end.headers[HTTPField.Name("Room-Position")!] == id(1))
    }

    @Test("a long poll responds at once if there are entries") func longPollAnswers() async throws {
        let client = try client()
        try await say("one")
        #expect(try await client.get("/rooms/tea?after=0&wait=25").json(Poll.self).texts == ["one"])
    }

    // MARK: Streams

    @Test("events have positions for ids") func eventsHavePositions() async throws {
        let client = try client()
        try await say("one")
        try await client.stream("/rooms/tea?after=0", headers: Self.events) { stream async throws in
            #expect(stream.response.headers[.contentType] == "text/event-stream")
            #expect(try await stream.nextText() == "id: \(id(0))\nevent: position\ndata: \(id(0))\n\n")
            #expect(try await stream.nextText() == "id: \(id(1))\ndata: {\"text\":\"one\"}\n\n")
            try await say("two", "three")
            await client.advanceTime(by: .zero)
            let both = "id: \(id(2))\ndata: {\"text\":\"two\"}\n\nid: \(id(3))\ndata: {\"text\":\"three\"}\n\n"
            var heard = ""
            while heard.utf8.count < both.utf8.count { heard += try await stream.nextText() ?? both }
            #expect(heard == both)
            // A beat that a page can hear.
            await client.advanceTime(by: .seconds(15))
            #expect(try await stream.nextText() == "id: \(id(3))\nevent: position\ndata: \(id(3))\n\n")
        }
    }

    @Test("a stream's heartbeat is counted from its last write") func theSilence() async throws {
        let client = try client()
        try await client.stream("/rooms/tea", headers: Self.events) { stream async throws in
            _ = try await stream.nextText()
            for text in ["one", "two"] {
                async let heard = stream.nextText()
                await client.advanceTime(by: .seconds(10))
                try await say(text)
                await client.advanceTime(by: .zero)
                #expect(try await heard?.contains(text) == true)
            }
            async let heard = stream.nextText()
            await client.advanceTime(by: .seconds(15))
            #expect(try await heard?.contains("event: position\n") == true)
        }
    }

    @Test("Last-Event-ID takes precedence over the URL") func lastEventIDGoes() async throws {
        let client = try client()
        try await say("one", "two")
        var headers = Self.events
        headers[HTTPField.Name("Last-Event-ID")!] = id(1)
        try await client.stream("/rooms/tea?after=0", headers: headers) { stream async throws in
            #expect(try await stream.nextText() == "id: \(id(1))\nevent: position\ndata: \(id(1))\n\n")
            #expect(try await stream.nextText()?.contains("\"two\"") == true)
        }
        headers[HTTPField.Name("Last-Event-ID")!] = "nonsense"
        #expect(try await client.get("/rooms/tea", headers: headers).status == .badRequest)
    }

    @Test("a gap is an event") func aGap() async throws {
        let client = try client()
        try await say("one")
        try await client.stream("/rooms/tea?after=5-0000", headers: Self.events) { stream async throws in
            let gap = "id: \(id(0))\nevent: gap\ndata: {\"from\":\"5-0000\",\"to\":\"\(id(0))\"}\n\n"
            #expect(try await stream.nextText() == gap)
            #expect(try await stream.nextText() == "id: \(id(1))\ndata: {\"text\":\"one\"}\n\n")
        }
    }

    @Test("an iframe gets scripts") func anIframeGetsScripts() async throws {
        let client = try client()
        try await say("</script><b>\u{2028}")
        try await client.stream("/rooms/tea?after=0&stream=iframe&callback=carafeAdd") { stream async throws in
            #expect(stream.response.headers[.contentType] == "text/html; charset=utf-8")
            let beginning = try await stream.nextText()
            #expect(beginning?.hasSuffix("<script>parent.carafeAdd({\"id\":\"\(id(0))\"})</script>\n") == true)
            let text = #"\u003c\/script\u003e\u003cb\u003e\u2028"#
            let script = "<script>parent.carafeAdd({\"id\":\"\(id(1))\",\"data\":{\"text\":\"\(text)\"}})</script>\n"
            #expect(try await stream.nextText()?.replacing("\\/", with: "/") == script.replacing("\\/", with: "/"))
            await client.advanceTime(by: .seconds(5))
            #expect(try await stream.nextText() == "<script>parent.carafeAdd({\"id\":\"\(id(1))\"})</script>\n")
        }
    }

    @Test("a room uses its own coders both ways") func roomHasCoders() async throws {
        struct Post: Codable {
            var sentBy: String
        }
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = .prettyPrinted
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let room = Room<Post>(coders: JSONCoders(encoder: encoder, decoder: decoder))
        var app = App()
        app.room("/room") { _ in room }
        let client = try TestClient(app)
        #expect(try await client.post("/room", body: #"{"sent_by":"a\nb"}"#).status == .created)
        try await client.stream("/room?after=0", headers: Self.events) { stream async throws in
            _ = try await stream.nextText()
            let event = try await stream.nextText() ?? ""
            #expect(event.hasSuffix(#"data: {  "sent_by" : "a\nb"}"# + "\n\n"), "\(event)")
        }
        for try await entry in room.entries(after: RoomPosition(offset: 0)) {
            #expect(entry.element.sentBy == "a\nb")
            break
        }
    }

    // MARK: Sockets

    @Test("a socket begins where it asks to") func socketBegins() async throws {
        let client = try client()
        try await say("one", "two")
        try await client.webSocket("/rooms/tea?after=\(id(1))") { socket async throws in
            #expect(try await socket.receiveText() == "{\"id\":\"\(id(1))\"}")
            #expect(try await socket.receiveText() == "{\"id\":\"\(id(2))\",\"data\":{\"text\":\"two\"}}")
            try await socket.send("{\"text\":\"three\"}")
            #expect(try await socket.receiveText() == "{\"id\":\"\(id(3))\",\"data\":{\"text\":\"three\"}}")
            try await socket.send("{\"txt\":\"three\"}")
            #expect(try await socket.receiveText()?.contains("the field \\\"text\\\" is missing") == true)
        }
        try await client.webSocket("/rooms/tea?after=9") { socket async throws in
            #expect(
                try await socket.receiveText()
                    == "{\"id\":\"\(id(0))\",\"gap\":{\"from\":\"9\",\"to\":\"\(id(0))\"}}")
            #expect(try await socket.receiveText()?.contains("\"one\"") == true)
        }
    }

    @Test("a message beyond the limit closes its socket with 1009, and no other socket") func messageTooLarge()
        async throws
    {
        let client = try client()
        try await client.webSocket("/rooms/tea") { other async throws in
            _ = try await other.receiveText()
            try await client.webSocket("/rooms/tea") { socket async throws in
                _ = try await socket.receiveText()
                try await socket.send("{\"text\":\"\(String(repeating: "x", count: 1 << 20))\"}")
                let event = try await socket.nextEvent()
                guard case .close(.messageTooBig, _) = event else {
                    Issue.record("expected to be closed with 1009, found \(String(describing: event))")
                    return
                }
            }
            try await say("still here")
            #expect(try await other.receiveText()?.contains("still here") == true)
        }
    }

    @Test("a slow socket is skipped if the room's policy says so") func slowSocket() async throws {
        let room = Room<Chat>(history: RoomHistory(countLimit: 2), slowMembers: .skip)
        let client = try client(room)
        try await client.webSocket("/rooms/tea") { socket async throws in
            _ = try await socket.receiveText()
            try await socket.setReading(false)
            let long = String(repeating: "x", count: 1 << 20)
            for number in 1...8 { try await room.publish(Chat(text: "\(number) \(long)")) }
            await client.advanceTime(by: .zero)
            try await socket.setReading(true)
            let gap = try await socket.receiveText() ?? ""
            #expect(gap.contains("\"gap\":{\"from\":\"\(id(0, in: room))\""), "\(gap.prefix(100))")
            var last = ""
            while !last.contains("8 xxx") { last = try await socket.receiveText() ?? "8 xxx" }
            #expect(last.contains(id(8, in: room)))
        }
    }

    // MARK: Publishing

    @Test("repeated posts with a key publish once") func postPublishesOnce() async throws {
        let client = try client()
        let key: HTTPFields = [HTTPField.Name("Idempotency-Key")!: "k1", .contentType: "application/json"]
        let first = try await client.post("/rooms/tea", headers: key, body: "{\"text\":\"one\"}")
        let again = try await client.post("/rooms/tea", headers: key, body: "{\"text\":\"one\"}")
        #expect(first.status == .created && first.text == "{\"id\":\"\(id(1))\"}" && again.text == first.text)
        #expect(try await client.get("/rooms/tea?after=0").json(Poll.self).texts == ["one"])
        let bad = try await client.post("/rooms/tea", body: "{\"text\":1}")
        #expect(bad.status == .badRequest && bad.text.contains("at text"))
        let long: HTTPFields = [HTTPField.Name("Idempotency-Key")!: String(repeating: "k", count: 65)]
        #expect(try await client.post("/rooms/tea", headers: long, body: "{\"text\":\"x\"}").status == .badRequest)
        let big = "{\"text\":\"\(String(repeating: "x", count: 2 << 20))\"}"
        #expect(try await client.post("/rooms/tea", body: big).status == .contentTooLarge)
    }

    @Test("a private post has a key too") func privatePost() async throws {
        let client = try client { access in
            access.name = access.request.query["name"]
            if access.action == .publish { access.audience = ["bob"] }
        }
        let key: HTTPFields = [HTTPField.Name("Idempotency-Key")!: "k"]
        let told = try await client.stream("/rooms/tea?name=bob", headers: Self.events) { stream async throws in
            _ = try await stream.nextText()
            let first = try await client.post("/rooms/tea?name=ann", headers: key, body: "{\"text\":\"psst\"}")
            #expect(
                try await client.post("/rooms/tea?name=ann", headers: key, body: "{\"text\":\"psst\"}").text
                    == first.text)
            // The same key of another sender is another key.
            let other = try await client.post("/rooms/tea?name=eve", headers: key, body: "{\"text\":\"boo\"}")
            #expect(other.status == .created && other.text != first.text)
            return first.text
        }
        // Bob has left; the answer is the same.
        #expect(try await client.post("/rooms/tea?name=ann", headers: key, body: "{\"text\":\"psst\"}").text == told)
        let others = try await client.get("/rooms/tea?after=0&name=eve", headers: [.ifNoneMatch: "\"\(id(2))\""])
        #expect(others.status == .ok && others.headers[.cacheControl] == "private, no-cache")
        #expect(try others.json(Poll.self).entries.isEmpty && others.json(Poll.self).position == id(2))
        #expect(try await client.get("/rooms/tea?after=0&name=bob").json(Poll.self).texts == ["psst", "boo"])
    }

    // MARK: Who may what

    @Test("pages of other sites cannot publish") func pagesOfOtherSites() async throws {
        let client = try client()
        for (origin, status) in [("https://evil.example", 403), ("null", 403), ("http://localhost", 201)] {
            let answer = try await client.post("/rooms/tea", headers: [.origin: origin], body: "{\"text\":\"x\"}")
            #expect(answer.status.code == status, "\(origin)")
        }
    }

    @Test("an invalid name is 400 before a stream begins") func nameThatCannot() async throws {
        let client = try client { $0.name = " " }
        #expect(try await client.get("/rooms/tea", headers: Self.events).status == .badRequest)
        #expect(try await client.get("/rooms/tea?stream=iframe").status == .badRequest)
    }

    @Test("one closure decides for all ways") func oneClosureDecides() async throws {
        let client = try client { access in
            let name = access.request.query["name"]
            switch access.action {
            case .join: if name == "eve" { throw HTTPError(.forbidden, "Not eve.") }
            case .publish:
                guard let name else { throw HTTPError(.unauthorized) }
                if access.element?.text == "flood" { throw HTTPError(.tooManyRequests, "slower") }
                access.element?.from = name
            }
            access.name = name
        }
        for path in ["/rooms/tea?name=eve", "/rooms/tea?name=eve&stream=iframe", "/rooms/tea?name=eve&wait=9"] {
            #expect(try await client.get(path).status == .forbidden)
        }
        #expect(try await client.get("/rooms/tea?name=eve", headers: Self.events).text == "Not eve.")
        await #expect(throws: TestHandshakeError.self) { try await client.webSocket("/rooms/tea?name=eve") { _ in } }
        #expect(try await client.post("/rooms/tea", body: "{\"text\":\"x\"}").status == .unauthorized)
        try await client.webSocket("/rooms/tea?name=ada") { socket async throws in
            #expect(room.members == ["ada"])
            try await client.stream("/rooms/tea?name=ada", headers: Self.events) { stream async throws in
                _ = try await stream.nextText()
                #expect(room.members == ["ada"], "one person in two tabs")
            }
            _ = try await socket.receiveText()
            try await socket.send("{\"text\":\"hi\",\"from\":\"bob\"}")
            #expect(try await socket.receiveText()?.contains("\"from\":\"ada\"") == true)
            try await socket.send("{\"text\":\"flood\"}")
            #expect(try await socket.nextEvent() == .close(code: .policyViolation, reason: "slower"))
        }
        #expect(room.members.isEmpty)
    }

    @Test("a key belongs to one sender") func aKey() async throws {
        let client = try client { $0.name = $0.request.query["name"] }
        let keys = [("ann", "b%20c"), ("ann%20b", "c")].map { ($0, $1.replacing("%20", with: " ")) }
        for (name, key) in keys {
            let headers: HTTPFields = [HTTPField.Name("Idempotency-Key")!: key]
            let path = "/rooms/tea?name=\(name)"
            #expect(try await client.post(path, headers: headers, body: "{\"text\":\"\(key)\"}").status == .created)
        }
        #expect(try await client.get("/rooms/tea?after=0").json(Poll.self).texts == ["b c", "c"])
    }

    @Test("a repeated post is neither refused by the rate nor published twice") func retryIsNeither() async throws {
        let room = Room<Chat>(limits: RoomLimits(memberRate: RoomRate(1, per: .seconds(60))))
        let key: HTTPFields = [HTTPField.Name("Idempotency-Key")!: "k"]
        let first = try await client(room).post("/rooms/tea", headers: key, body: "{\"text\":\"one\"}")
        let again = try await client(room).post("/rooms/tea", headers: key, body: "{\"text\":\"one\"}")
        #expect(again.status == .created && again.text == first.text)
        #expect(try await client(room).get("/rooms/tea?after=0").json(Poll.self).texts == ["one"])
    }

    @Test("entries beyond the age limit are dropped") func entriesBeyondAgeLimit() async throws {
        let room = Room<Chat>(history: RoomHistory(ageLimit: .minutes(1)))
        let client = try client(room)
        _ = try await client.get("/rooms/tea?wait=0")
        try await room.publish(Chat(text: "old"))
        #expect(try await client.get("/rooms/tea?last=9").json(Poll.self).texts == ["old"])
        await client.advanceTime(by: .minutes(2))
        #expect(try await client.get("/rooms/tea?last=9").json(Poll.self).texts.isEmpty)
    }

    @Test("a name does not move the text around it", arguments: ["a\u{2028}b", "a\u{202E}b", "ann\u{200B}", "a\u{0}b"])
    func nameDoes(name: String) throws {
        #expect(throws: RoomError.badName(limit: 32)) { try room.validate(name: name) }
        try room.validate(name: "مى\u{200C}خواهم 👩\u{200D}🚀")
    }

    @Test("a flood is refused and others are not") func floodIsRefused() async throws {
        let room = Room<Chat>(
            limits: RoomLimits(memberRate: RoomRate(2, per: .seconds(10)), roomRate: RoomRate(4, per: .seconds(10))))
        let client = try client(room) { $0.name = $0.request.query["name"] }
        func post(as name: String) async throws -> TestResponse {
            try await client.post("/rooms/tea?name=\(name)", body: "{\"text\":\"x\"}")
        }
        for _ in 1...2 { #expect(try await post(as: "ann").status == .created) }
        let flood = try await post(as: "ann")
        #expect(flood.status == .tooManyRequests && flood.headers[.retryAfter] == "5")
        try await client.webSocket("/rooms/tea?name=bob") { bob async throws in
            for _ in 1...3 { try await bob.send("{\"text\":\"y\"}") }
            _ = try await bob.receiveText()
            for _ in 1...2 { #expect(try await bob.receiveText()?.contains("\"y\"") == true) }
            #expect(
                try await bob.nextEvent() == .close(code: .policyViolation, reason: "Expected fewer messages."))
        }
        #expect(try await post(as: "eve").status == .tooManyRequests, "the room has no more")
        await client.advanceTime(by: .seconds(6))
        #expect(try await post(as: "ann").status == .created)
    }

    @Test("the script is served with its types") func scriptIsServed() async throws {
        var app = App()
        app.roomScript()
        let client = try TestClient(app)
        let script = try await client.get("/carafe.js")
        #expect(script.headers[.contentType] == "text/javascript; charset=utf-8")
        #expect(script.text.contains("class CarafeRoom {"))
        let tag = try #require(script.headers[.eTag])
        #expect(try await client.get("/carafe.js", headers: [.ifNoneMatch: tag]).status == .notModified)
        #expect(try await client.get("/carafe.d.ts").text.contains("declare class CarafeRoom"))
    }

    // MARK: In the server

    @Test("code of the server misses nothing in a room without history") func serverMissesNothing() async throws {
        let room = Room<Chat>(history: .none)
        var entries = room.entries().makeAsyncIterator()
        for number in 1...5 { try await room.publish(Chat(text: "\(number)")) }
        for number in 1...5 {
            let entry = try await entries.next()
            #expect(entry?.element.text == "\(number)" && entry?.gap == nil)
        }
    }

    @Test("code of the server gets a gap that begins with a change of presence") func serverIsTold() async throws {
        let room = Room<Chat>(history: RoomHistory(countLimit: 1), presence: PresenceOptions())
        for number in 1...5 { try await room.publish(Chat(text: "\(number)")) }
        var app = App()
        let permit: RoomAuthorizer<Chat> = { $0.name = "ann" }
        app.room("/room", permit: permit) { _ in room }
        _ = try await TestClient(app).get("/room")
        try await room.publish(Chat(text: "6"))
        var entries = room.entries(after: RoomPosition(offset: 0)).makeAsyncIterator()
        let entry = try await entries.next()
        #expect(entry?.element.text == "6" && entry?.gap?.from.offset == 0)
    }

    @Test("code of the server reads the entries too") func serverReadsEntries() async throws {
        try await say("one", "two")
        let room = room
        let reader = Task {
            var texts: [String] = []
            for try await entry in room.entries(after: RoomPosition(offset: 1)) {
                #expect(entry.gap == nil)
                texts.append("\(entry.position.offset) \(entry.element.text)")
                if texts.count == 3 { break }
            }
            return texts
        }
        try await say("three", "four")
        #expect(try await reader.value == ["2 two", "3 three", "4 four"])
        let cancelled = Task { for try await _ in room.entries() {} }
        cancelled.cancel()
        try await cancelled.value
    }
}

extension TestClient {
    /// Lets what was asked come to where it waits.
    fileprivate func untilListening() async throws {
        for _ in 1...50 {
            await Task.yield()
            await advanceTime(by: .zero)
        }
    }
}
