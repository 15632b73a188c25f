public import Carafe
import CarafeSecurity
import CarafeWebSocket

/// Sends each message back unchanged.
public func makeEchoApp() throws -> App {
    var app = App(templateFolder: "Templates")
    try app.install(SecurityHeaders())
    app.get("/") { _ in Template("echo.html") }
    app.get("/my_socket") { request in RequestReport(request) }
    app.webSocket("/my_socket") { socket in
        for try await message in socket { try await socket.send(message) }
    }
    return app
}
