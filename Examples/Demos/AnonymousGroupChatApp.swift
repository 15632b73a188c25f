public import Carafe
import CarafeRooms
import CarafeSecurity

/// 无名群聊: each text goes to everybody, the sender included.
public func makeAnonymousGroupChatApp(_ store: Store = .memory) throws -> App {
    var app = App(templateFolder: "Templates")
    try app.install(SecurityHeaders())
    let room = try store.rooms.room("anonymous")
    app.get("/gc") { _ in Template("anonymous.html") }
    app.webSocket("/my_socket") { socket in
        try await room.join(socket)
        for try await message in socket { try await room.publish(message) }
    }
    return app
}
