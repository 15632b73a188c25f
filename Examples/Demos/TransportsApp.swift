public import Carafe
import CarafeRooms
import CarafeSecurity

private struct Note: Codable {
    var text: String
    /// The time at which the page sent it, in milliseconds of its clock.
    var at: Double
    /// The owner of the clock that measured it.
    var by: String?
}

/// One room over five transports, side by side.
public func makeTransportsApp(_ store: Store = .memory) throws -> App {
    var app = App(templateFolder: "Templates")
    try app.install(SecurityHeaders())
    let room = try store.rooms.room("transports", of: Note.self)
    app.get("/") { _ in Template("transports.html") }
    app.room("/room") { _ in room }
    app.roomScript()
    return app
}
