public import Carafe
import CarafeRooms
import CarafeSecurity

private struct Chat: Codable {
    var fromUser: String?
    var chat: String

    enum CodingKeys: String, CodingKey {
        case fromUser = "from_user"
        case chat
    }
}

/// 有名群聊: each message has its sender, whom nobody can forge.
public func makeNamedGroupChatApp(_ store: Store = .memory) throws -> App {
    var app = App(templateFolder: "Templates")
    try app.install(SecurityHeaders())
    let room = try store.rooms.room("named")
    app.get("/gc") { _ in Template("named.html") }
    // A script cannot see why its handshake was refused, so it asks here.
    app.route(methods: [.get], "/my_socket/<username>") { (_, name: String) in
        try await room.requireAvailable(name: name)
    }
    app.route(methods: [.get], "/my_socket/") { _ in try await room.requireAvailable(name: "") }
    app.webSocket("/my_socket/<username>") { (socket, username: String) in
        try await room.join(socket, as: username)
        try await socket.receive(json: Chat.self) { chat in
            try await room.publish(json: Chat(fromUser: username, chat: chat.chat))
        }
    }
    return app
}
