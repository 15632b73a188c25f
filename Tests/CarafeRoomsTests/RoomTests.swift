import Carafe
import Foundation
import HTTPTypes
import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeRooms
@testable import CarafeTesting

@Suite("Room", .timeLimit(.minutes(10)))
struct RoomTests {
    /// A room at /room and, with names, at /room/<name>: each text goes to everybody.
    private func client(_ room: Room<Message>, options: WebSocketOptions = WebSocketOptions()) throws -> TestClient {
        var app = App()
        app.webSocket("/room", options: options) { socket in
            try await room.join(socket)
            for try await message in socket { try await room.publish(message) }
        }
        app.webSocket("/room/<name>", options: options) { (socket, name: String) in
            try await room.join(socket, as: name)
            for try await message in socket { try await room.publish(message) }
        }
        return try TestClient(app)
    }

    // MARK: Messages

    @Test("a broadcast reaches everybody, the sender included, in order")
    func broadcast() async throws {
        let client = try client(Room())
        let ada = try await client.openWebSocket("/room")
        let bob = try await client.openWebSocket("/room/bob")
        let eve = try await client.openWebSocket("/room")
        try await ada.send("one")
        try await bob.send([.message(.text("two")), .message(.binary([3])), .message(.text(""))])
        for member in [ada, bob, eve] {
            #expect(try await member.receive() == .text("one"))
            #expect(try await member.receive() == .text("two"))
            #expect(try await member.receive() == .binary([3]))
            #expect(try await member.receive() == .text(""))
        }
    }

    @Test("a burst reaches each member in one write")
    func burst() async throws {
        let room = Room()
        let client = try client(room)
        let ada = try await client.openWebSocket("/room")
        try await client.eventLoopTurn { for number in 1...100 { try room.publishNow(.text("\(number)")) } }
        #expect(try await ada.pendingEvents() == (1...100).map { .message(.text("\($0)")) })
    }

    @Test("a member hears nothing of what was said before it came")
    func onlyFromJoining() async throws {
        let client = try client(Room())
        let ada = try await client.openWebSocket("/room")
        try await ada.send("before")
        let bob = try await client.openWebSocket("/room")
        try await ada.send("after")
        #expect(try await bob.receiveText() == "after")
    }

    @Test("a message to one name reaches that member only, after what was broadcast before")
    func sendToOne() async throws {
        let room = Room()
        let client = try client(room)
        let ada = try await client.openWebSocket("/room/ada")
        let bob = try await client.openWebSocket("/room/bob")
        try await client.eventLoopTurn {
            try room.publishNow(.text("to all"))
            try room.publishNow(.text("to bob"), to: ["bob"])
            try room.publishNow(.text("to all again"))
        }
        for text in ["to all", "to bob", "to all again"] { #expect(try await bob.receiveText() == text) }
        for text in ["to all", "to all again"] { #expect(try await ada.receiveText() == text) }
        await #expect(throws: RoomError.nobody("eve")) { try await room.publish(.text("hello?"), to: ["eve"]) }
    }

    @Test("a broadcast to an empty room is no error")
    func empty() async throws {
        let room = Room()
        try await room.publish("hello?")
        try await room.publish(json: ["hello": "?"])
        #expect(room.members.isEmpty)
    }

    @Test("a value goes out as JSON")
    func json() async throws {
        let room = Room()
        let client = try client(room)
        let ada = try await client.openWebSocket("/room/ada")
        try await room.publish(json: ["a": 1])
        try await room.publish(json: ["b": 2], to: ["ada"])
        #expect(try await ada.receiveText() == #"{"a":1}"#)
        #expect(try await ada.receiveText() == #"{"b":2}"#)
    }

    // MARK: Members that do not read

    @Test("a member that does not read delays nobody, and is closed with 1013 past its bound")
    func slowMember() async throws {
        let room = Room()
        let client = try client(room)
        let quick = try await client.openWebSocket("/room")
        let slow = try await client.openWebSocket("/room/slow")
        try await slow.setReading(false)
        let message = Message.binary(repeatElement(1, count: 100_000))
        for _ in 1...45 {
            try await quick.send(message)
            #expect(try await quick.receive() == message)
        }
        try await slow.setReading(true)
        var events: [MessageDecoder.Event] = []
        while let event = try await slow.nextEvent() {
            events.append(event)
            if case .close = event { break }
        }
        guard case .close(let code, _)? = events.last else {
            Issue.record("expected a close frame")
            return
        }
        #expect(code == .tryAgainLater)
        #expect(events.count < 45)
        try await slow.send([.close(code)])
        #expect(!slow.isOpen)
        #expect(room.members.isEmpty)
        try await quick.send("goes on")
        #expect(try await quick.receiveText() == "goes on")
    }

    @Test("a member that never reads is gone after its close deadline")
    func stuckMember() async throws {
        let room = Room()
        var options = WebSocketOptions()
        options.outboundLimit = 1000
        let client = try client(room, options: options)
        let stuck = try await client.openWebSocket("/room/stuck")
        try await stuck.setReading(false)
        for _ in 1...20 { try await room.publish(String(repeating: "a", count: 100)) }
        await client.advanceTime(by: .seconds(5))
        #expect(!stuck.isOpen)
        #expect(room.members.isEmpty)
    }

    @Test("a member that catches up in time gets everything")
    func catchesUp() async throws {
        let room = Room()
        let client = try client(room)
        let slow = try await client.openWebSocket("/room")
        try await slow.setReading(false)
        for number in 1...50 { try await room.publish("\(number)") }
        try await slow.setReading(true)
        for number in 1...50 { #expect(try await slow.receiveText() == "\(number)") }
    }

    @Test("a message published while a member catches up comes once, after the rest")
    func catchesUpAmongNews() async throws {
        let room = Room()
        let client = try client(room)
        let slow = try await client.openWebSocket("/room")
        try await slow.setReading(false)
        try await client.eventLoopTurn { try room.publishNow(.text("1")) }
        try await client.eventLoopTurn { try room.publishNow(.text("2")) }
        // Waits for the loop when the member catches up.
        try await room.publish("3")
        try await slow.setReading(true)
        await client.advanceTime(by: .zero)
        #expect(try await slow.pendingEvents() == (1...3).map { .message(.text("\($0)")) })
    }

    @Test("a loop that is held up while the log overflows closes its members, and never leaves anything out in silence")
    func overflow() async throws {
        let room = Room()
        let (client, other) = (try client(room), try client(room))
        let member = try await client.openWebSocket("/room")
        _ = try await other.openWebSocket("/room")
        try await client.eventLoop.executeInContext {
            for _ in 1...70 { try room.publishNow(.binary(ByteBuffer(repeating: 1, count: 1 << 20))) }
            // The other loop reads meanwhile, and drops entries over the limit; this one is kept here until then.
            while room.storage.update({ $0.log.read(after: 0) })?.gap == nil { sched_yield() }
        }
        await client.advanceTime(by: .zero)
        guard case .close(let code, _)? = try await member.nextEvent() else {
            Issue.record("expected a close frame")
            return
        }
        #expect(code == .tryAgainLater)
    }

    @Test("what the handler sends itself does not overtake what the room sent before")
    func ownSendStaysBehind() async throws {
        let room = Room()
        var app = App()
        app.webSocket("/") { socket in
            try await room.join(socket)
            for try await _ in socket {
                try await room.publish("first")
                try await socket.send("second")
            }
        }
        let client = try TestClient(app)
        try await client.webSocket("/") { socket in
            try await socket.send("go")
            let texts = [try await socket.receiveText(), try await socket.receiveText()]
            #expect(texts == ["first", "second"])
        }
    }

    @Test("what the handler sends itself does not overtake what the room has kept for a slow member")
    func ownSendStaysBehindBacklog() async throws {
        let room = Room()
        var app = App()
        app.webSocket("/") { socket in
            try await room.join(socket)
            for try await message in socket { try await socket.send(message) }
        }
        let client = try TestClient(app)
        let member = try await client.openWebSocket("/")
        try await member.setReading(false)
        try await room.publish("first")
        try await member.send("second")
        try await member.setReading(true)
        let texts = [try await member.receiveText(), try await member.receiveText()]
        #expect(texts == ["first", "second"])
    }

    // MARK: Hostile names

    @Test(
        "a name has something to see, no space around it, and no more scalars than the limit",
        arguments: [
            "", " ", "ann ", " ann", "\u{200B}", "a\nb", "\u{1B}[2J", "e" + String(repeating: "\u{301}", count: 40),
        ])
    func badNames(name: String) async {
        await #expect(throws: RoomError.badName(limit: 32)) { try await Room().requireAvailable(name: name) }
    }

    @Test("a name of 32 scalars in any script is good", arguments: ["Ann", "小红", String(repeating: "群", count: 32)])
    func goodNames(name: String) async throws {
        try await Room().requireAvailable(name: name)
    }

    @Test("a message to a name of half a million marks is refused at once, as nobody's")
    func hostileAddressee() async throws {
        let marks = "e" + String(repeating: "\u{301}\u{323}", count: 130_000)
        await #expect(throws: RoomError.nobody(marks)) { try await Room().publish(.text("x"), to: [marks]) }
    }

    // MARK: Compression

    @Test("RFC 7692 §7.2: members with compression share one compressed frame, the others get it plain")
    func compressed() async throws {
        let client = try client(Room())
        let packed = try await client.openWebSocket("/room", compression: DeflateOffer())
        let plain = try await client.openWebSocket("/room")
        #expect(packed.handshake.headers[.secWebSocketExtensions]?.hasPrefix("permessage-deflate") == true)
        #expect(plain.handshake.headers[.secWebSocketExtensions] == nil)
        let long = String(repeating: "all work and no play ", count: 200)
        try await plain.send(long)
        try await plain.send("short")
        for member in [packed, plain] {
            #expect(try await member.receiveText() == long)
            #expect(try await member.receiveText() == "short")
        }
        #expect(packed.receivedBytes < long.utf8.count / 4)
        #expect(plain.receivedBytes > long.utf8.count)
    }
}

extension TestClient {
    /// Does `body` as one handler would, without a pause, and then lets the app run.
    fileprivate func eventLoopTurn(_ body: () throws -> Void) async throws {
        try body()
        await advanceTime(by: .zero)
    }
}
