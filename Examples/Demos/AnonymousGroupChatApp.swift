public import Carafe
import CarafeRooms
import CarafeSecurity

/// 无名群聊: each text goes to everybody, the sender included.
public func makeAnonymousGroupChatApp() throws -> App {
    var app = App(templateFolder: "Templates")
    try app.install(SecurityHeaders())
    let room = Room()
    app.get("/gc") { _ in Template("anonymous.html") }
    app.webSocket("/my_socket") { socket in
        try await room.join(socket)
        for try await message in socket { room.publish(message) }
    }
    return app
}
