public import Carafe
import CarafeRooms
import CarafeSecurity
import CarafeSessions
import Foundation
import NIOCore

private struct RoomLink: Encodable {
    var title: String
    var url: String
    var isHere: Bool
}

/// 聊天: names, rooms, presence, private messages, and a history that outlives the server with a store that does.
public func makeChatApp(_ store: Store = .memory) throws -> App {
    var app = App(staticFolder: "Examples/Chat/statics", templateFolder: "Examples/Chat/Templates")
    try app.install(StaticFiles(folder: "Templates/styles", urlPath: "/styles"))
    let rooms = ChatRooms(store: store)
    var sessions = try Sessions(secret: store.secret, store: store.sessions)
    sessions.cookieName = "chat"
    try app.install(sessions)
    try app.install(CSRFProtection())
    try app.install(SecurityHeaders())
    app.roomScript()

    /// Returns the name of the client that sends a request; nil for a client without a name.
    @Sendable func user(_ request: Request) async throws -> String? {
        let session = try await request.session
        guard let name: String = session["name"] else { return nil }
        return try await rooms.isOwner(of: name, session["id", default: ""]) ? name : nil
    }

    let page = app.get("/in/<room>") { (request, room: String) in
        _ = try rooms.find(room)
        let home = request.mountPoint + "/"
        guard let name = try await user(request) else { return Template("login.html", ["home": home, "room": room]) }
        let links = ChatRooms.titles.map { key, title in
            RoomLink(title: title, url: "\(home)in/\(key)", isHere: key == room)
        }
        return Template("chat.html", ["home": home, "room": room, "name": name, "rooms": links])
    }
    app.get("/") { _ in redirect(page.url("lobby")) }
    let logins = RateLimit(20, per: .minutes(1))
    app.post("/login") { request in
        try logins.check(request)
        let form = try await request.form()
        let session = try await request.session
        let id = session["id"] ?? UUID().uuidString
        do {
            try await rooms.claim(form["name"] ?? "", for: id)
            session.renew()
            session["id"] = id
            session["name"] = form["name"]
        } catch let error as RoomError {
            let isTaken = error == .nameInUse(form["name"] ?? "")
            let chinese = isTaken ? "这个名字已有人使用，请换一个。" : "这个名字不可用：长度须为 1 到 32 个字符。"
            let isChinese = request.language(among: ["en", "zh"]) == "zh"
            session.flash(isChinese ? chinese : "\(error)", category: isTaken ? "taken" : "bad")
        }
        let room = form["room"] ?? ""
        return redirect(page.url(rooms.isRoom(room) ? room : "lobby"))
    }
    app.post("/logout") { request in
        let session = try await request.session
        let id = UUID().uuidString
        try await rooms.hand(session["name", default: ""], from: session["id", default: ""], to: id)
        session["id"] = id
        session.remove("name")
        return redirect(page.url("lobby"))
    }

    let permit: RoomAuthorizer<ChatLine> = { access in
        guard let name = try await user(access.request) else { throw HTTPError(.unauthorized, "Expected a name.") }
        access.name = name
        guard let line = access.element else { return }
        guard (1...2000).contains(line.text.unicodeScalars.count) else {
            throw HTTPError(.badRequest, "Expected a text of 1 to 2,000 characters.")
        }
        access.element = ChatLine(
            from: name, to: line.to, text: line.text, at: (Date.now.timeIntervalSince1970 * 1000).rounded())
        guard let to = line.to else { return }
        guard try await access.room.contains(memberNamed: to) else { throw RoomError.nobody(to) }
        access.audience = [to, name]
    }
    app.room("/rooms/<room>", permit: permit) { (_, room: String) in try rooms.find(room) }
    return app
}
