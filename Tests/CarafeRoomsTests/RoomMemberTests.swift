import Carafe
import CarafeTesting
import NIOCore
import TestSupport
import Testing

@testable import CarafeRooms

@Suite("Room: members", .timeLimit(.minutes(10)))
struct RoomMemberTests {
    /// A room at /room/<name>: each text goes to everybody.
    private func client(_ room: Room<Message>) throws -> TestClient {
        var app = App()
        app.webSocket("/room/<name>") { (socket, name: String) in
            try await room.join(socket, as: name)
            for try await message in socket { try await room.publish(message) }
        }
        return try TestClient(app)
    }

    // MARK: Leaving

    @Test("a member leaves by its close, and its name is free again")
    func leavesByClose() async throws {
        let room = Room()
        let client = try client(room)
        try await client.webSocket("/room/ada") { _ in #expect(room.members == ["ada"]) }
        #expect(room.members.isEmpty)
        try await client.webSocket("/room/ada") { #expect($0.isOpen) }
    }

    @Test("a member leaves when it vanishes")
    func leavesByVanishing() async throws {
        let room = Room()
        let client = try client(room)
        let ada = try await client.openWebSocket("/room/ada")
        await ada.dropConnection()
        #expect(room.members.isEmpty)
        try await room.publish("nobody there")
        try await client.webSocket("/room/ada") { #expect($0.isOpen) }
    }

    @Test("a silent member leaves when its pings stay unanswered")
    func leavesBySilence() async throws {
        let room = Room()
        let client = try client(room)
        let ada = try await client.openWebSocket("/room/ada")
        await client.advanceTime(by: .seconds(60))
        #expect(!ada.isOpen)
        #expect(room.members.isEmpty)
    }

    @Test(
        "a member leaves when its handler returns, throws, or leaves by itself",
        arguments: ["return", "throw", "leave"])
    func leavesByHandler(way: String) async throws {
        let room = Room()
        var app = App()
        app.webSocket("/<name>") { (socket, name: String) in
            try await room.join(socket, as: name)
            for try await message in socket {
                switch message.text {
                case "return": return
                case "throw": throw CancellationError()
                case "leave":
                    room.leave(socket)
                    try await socket.send("left")
                default: try await room.publish(message)
                }
            }
        }
        let client = try TestClient(app)
        let ada = try await client.openWebSocket("/ada")
        try await ada.send(way)
        _ = try await ada.nextEvent()
        #expect(room.members.isEmpty)
        try await room.publish("not for ada")
        #expect(try await ada.pendingEvents().isEmpty)
    }

    @Test("a member whose handler is cancelled while it is elsewhere leaves")
    func leavesByCancellation() async throws {
        let room = Room()
        let ended = Gate()
        var app = App()
        app.webSocket("/<name>") { (socket, name: String) in
            try await room.join(socket, as: name)
            await Gate().wait()
            ended.open()
        }
        let client = try TestClient(app)
        let ada = try await client.openWebSocket("/ada")
        #expect(room.members == ["ada"])
        await ada.dropConnection()
        await ended.wait()
        #expect(room.members.isEmpty)
    }

    // MARK: Names

    @Test("a name in use is refused with 409 before the upgrade")
    func nameInUse() async throws {
        let room = Room()
        let client = try client(room)
        try await client.webSocket("/room/ada") { ada in
            let refusal = await #expect(throws: TestHandshakeError.self) {
                try await client.webSocket("/room/ada") { _ in }
            }
            #expect(refusal?.response.status == .conflict)
            #expect(refusal?.response.text == "The name ada is in use.")
            #expect(room.members == ["ada"])
            try await ada.send("still here")
            #expect(try await ada.receiveText() == "still here")
        }
    }

    @Test("a name is taken as soon as join is called, so that two handshakes cannot share it")
    func nameIsTakenAtOnce() async throws {
        let room = Room()
        let client = try client(room)
        let results = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 1...5 {
                group.addTask {
                    do {
                        _ = try await client.openWebSocket("/room/ada")
                        return 101
                    } catch let refusal as TestHandshakeError {
                        return refusal.response.status.code
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.sorted() == [101, 409, 409, 409, 409])
    }

    @Test(
        "an empty or over-long name is refused with 400",
        arguments: ["%20", "%09%20", String(repeating: "a", count: 33)])
    func badName(name: String) async throws {
        let client = try client(Room())
        let refusal = await #expect(throws: TestHandshakeError.self) {
            try await client.webSocket("/room/\(name)") { _ in }
        }
        #expect(refusal?.response.status == .badRequest)
    }

    @Test("the longest name has 32 characters, of any script")
    func longestName() async throws {
        let room = Room()
        let client = try client(room)
        let name = String(repeating: "%E4%B8%96", count: 32)
        try await client.webSocket("/room/\(name)") { _ in
            #expect(room.members == [String(repeating: "世", count: 32)])
        }
    }

    @Test("names are listed in order, and requireAvailable throws what join would")
    func names() async throws {
        let room = Room(limits: RoomLimits(nameLimit: 5))
        let client = try client(room)
        try await client.webSocket("/room/bob") { _ in
            try await client.webSocket("/room/ada") { _ in
                #expect(room.members == ["ada", "bob"])
                await #expect(throws: RoomError.nameInUse("ada")) { try await room.requireAvailable(name: "ada") }
                await #expect(throws: RoomError.badName(limit: 5)) { try await room.requireAvailable(name: "adaada") }
                await #expect(throws: RoomError.badName(limit: 5)) { try await room.requireAvailable(name: "") }
                try await room.requireAvailable(name: "eve")
            }
        }
    }
}
