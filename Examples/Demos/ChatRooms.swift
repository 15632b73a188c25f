import Carafe
import CarafeRooms
import CarafeSessions
import NIOCore

/// A message in a room.
struct ChatLine: Codable, Sendable {
    /// The sender, set by the server.
    var from: String?
    /// The only recipient; nil for everybody.
    var to: String?
    var text: String
    /// The time at which the server got it, in milliseconds since 1970.
    var at: Double?
}

/// The rooms of the chat, and the owner of each name.
struct ChatRooms: Sendable {
    /// The names of the rooms, in the address and on the page.
    static let titles: KeyValuePairs = ["lobby": "Lobby 大厅", "tea": "Tea 茶", "coffee": "Coffee 咖啡"]

    let store: Store

    func find(_ name: String) throws -> Room<ChatLine> {
        guard isRoom(name) else { throw HTTPError(.notFound, "There is no room \(name).") }
        return try store.rooms.room(
            "chat/\(name)", history: RoomHistory(countLimit: 200), presence: PresenceOptions(),
            limits: RoomLimits(memberRate: RoomRate(5)))
    }

    func isRoom(_ name: String) -> Bool { Self.titles.contains { $0.key == name } }

    // MARK: Names

    /// The time for which a name that nobody uses belongs to its session.
    private static let time = Duration.days(90)

    /// Assigns a name to a session, since its private messages are in the history.
    ///
    /// - Throws: `RoomError` for a text that is not a name, or a name of another session.
    func claim(_ name: String, for session: String) async throws {
        try find("lobby").validate(name: name)
        try await store.sessions.update(key(name), for: Self.time) { owner in
            guard owner.map({ String(buffer: $0) == session }) ?? true else { throw RoomError.nameInUse(name) }
            return ByteBuffer(string: session)
        }
    }

    func isOwner(of name: String, _ session: String) async throws -> Bool {
        try await store.sessions.load(key(name)).map { String(buffer: $0) } == session
    }

    /// Moves a name to another session.
    func hand(_ name: String, from old: String, to new: String) async throws {
        guard try await isOwner(of: name, old) else { return }
        try await store.sessions.save(key(name), ByteBuffer(string: new), for: Self.time)
        // Other tabs have the earlier session: their sockets end, and they go to the login.
        for (room, _) in Self.titles { try await find(room).remove(name) }
    }

    /// The key of a name among the sessions, of letters and digits.
    private func key(_ name: String) -> String {
        "name-" + name.utf8.map { String($0, radix: 16) }.joined(separator: "-")
    }
}
