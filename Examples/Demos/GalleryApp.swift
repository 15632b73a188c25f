public import Carafe
import CarafeSecurity

/// All demos under one roof.
public func makeGalleryApp() throws -> App {
    var app = App(templateFolder: "Templates")
    try app.install(SecurityHeaders())
    app.get("/") { _ in Template("index.html") }
    app.mount("/echo", try makeEchoApp())
    app.mount("/anonymous", try makeAnonymousGroupChatApp())
    app.mount("/named", try makeNamedGroupChatApp())
    app.mount("/private", try makePrivateChatApp())
    app.mount("/jquery", try makeJQueryChatApp())
    app.mount("/transports", try makeTransportsApp())
    app.mount("/chat", try makeChatApp())
    return app
}
