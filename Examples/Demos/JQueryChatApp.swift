public import Carafe
import CarafeRooms
import CarafeSecurity

/// The anonymous group chat again, with a page in jQuery from a static folder.
public func makeJQueryChatApp(_ store: Store = .memory) throws -> App {
    var app = App(staticFolder: "statics", staticURLPath: "/static", templateFolder: "Templates")
    try app.install(SecurityHeaders())
    let room = try store.rooms.room("jquery")
    app.get("/ww") { request in Template("jquery.html", ["static_url": request.mountPoint + "/static"]) }
    app.webSocket("/test") { socket in
        try await room.join(socket)
        for try await message in socket { try await room.publish(message) }
    }
    return app
}
