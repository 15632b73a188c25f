import Carafe
import CarafeTesting
import HTTPTypes
import Testing

@testable import CarafeRooms

@Suite("Rooms", .timeLimit(.minutes(10))) struct RoomsTests {
    @Test("each call for a name returns the same room")
    func names() async throws {
        let rooms = Rooms()
        let (first, second) = (try rooms.room("tea", of: Int.self), try rooms.room("tea", of: Int.self))
        try await first.publish(7)
        #expect(try await second.position.offset == 1)
        #expect(try await rooms.room("coffee", of: Int.self).position.offset == 0)
        let error = #expect(throws: RoomTypeError.self) { try rooms.room("tea", of: String.self) }
        #expect("\(error as Any)".contains("expected Int for the messages of the room tea"))
    }

    @Test(
        "a name that is empty, too long or invisible is 400",
        arguments: ["", String(repeating: "n", count: 201), "a%0Ab", "%20", "%E2%80%AE"])
    func badNames(name: String) async throws {
        let rooms = Rooms()
        var app = App(bare: ())
        app.room("/rooms/<path:name>") { (_, name: String) in try rooms.room(name) }
        app.room("/empty") { _ in try rooms.room("") }
        let path = name.isEmpty ? "/empty" : "/rooms/\(name)"
        #expect(try await TestClient(app).get(path).status == .badRequest)
    }

    @Test("an app can have several, and each once")
    func several() throws {
        var app = App(bare: ())
        let (first, second) = (Rooms(), Rooms())
        try app.install(first)
        try app.install(second)
        #expect(throws: ExtensionConflictError.self) { try app.install(first) }
    }
}
