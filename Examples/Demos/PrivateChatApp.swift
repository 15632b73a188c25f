public import Carafe
import CarafeRooms
import CarafeSecurity

private struct Chat: Codable {
    var fromUser: String?
    var toUser: String
    var chat: String

    enum CodingKeys: String, CodingKey {
        case fromUser = "from_user"
        case toUser = "to_user"
        case chat
    }
}

/// 私聊: each message goes to its recipient.
public func makePrivateChatApp(_ store: Store = .memory) throws -> App {
    var app = App(templateFolder: "Templates")
    try app.install(SecurityHeaders())
    let room = try store.rooms.room("private")
    app.get("/sl") { _ in Template("private.html") }
    // A script cannot see why its handshake was refused, so it asks here.
    app.route(methods: [.get], "/my_socket/<username>") { (_, name: String) in
        try await room.requireAvailable(name: name)
    }
    app.route(methods: [.get], "/my_socket/") { _ in try await room.requireAvailable(name: "") }
    app.webSocket("/my_socket/<username>") { (socket, username: String) in
        try await room.join(socket, as: username)
        try await socket.receive(json: Chat.self) { chat in
            let signed = Chat(fromUser: username, toUser: chat.toUser, chat: chat.chat)
            try await room.publish(json: signed, to: [chat.toUser])
        }
    }
    return app
}
