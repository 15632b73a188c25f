public import Carafe
import CarafeSecurity

/// All demos under one roof.
public func makeGalleryApp(_ store: Store = .memory) throws -> App {
    var app = App(templateFolder: "Templates")
    try app.install(SecurityHeaders())
    app.get("/") { _ in Template("index.html") }
    app.mount("/echo", try makeEchoApp())
    app.mount("/anonymous", try makeAnonymousGroupChatApp(store))
    app.mount("/named", try makeNamedGroupChatApp(store))
    app.mount("/private", try makePrivateChatApp(store))
    app.mount("/jquery", try makeJQueryChatApp(store))
    app.mount("/transports", try makeTransportsApp(store))
    app.mount("/chat", try makeChatApp(store))
    return app
}
