import Carafe
import CarafeWebSocket
import Foundation
import Synchronization

/// What somebody says in a room.
struct ChatLine: Codable, Sendable {
    /// The server signs it.
    var from: String?
    /// For whom alone it is.
    var to: String?
    var text: String
    /// When the server got it, in milliseconds since 1970.
    var at: Double?
}

/// The rooms of the chat, and whose each name is. With a folder they outlive the program.
final class ChatRooms: Extension {
    /// What each room is called in the address, and on the page.
    static let titles: KeyValuePairs = ["lobby": "Lobby 大厅", "tea": "Tea 茶", "coffee": "Coffee 咖啡"]

    private struct Kept: Codable {
        /// Signs the sessions.
        var secret = UUID().uuidString + UUID().uuidString
        /// By name, the session that has it.
        var owners: [String: String] = [:]
        var rooms: [String: RoomSnapshot] = [:]
    }

    let secret: String
    private let owners: Mutex<[String: String]>
    private let rooms: [String: Room<ChatLine>]
    private let file: URL?
    /// What is in the file, up to where for each room.
    private let saved = Mutex<[String: RoomPosition]>([:])

    init(folder: String?) throws {
        file = folder.map { URL(filePath: $0).appending(path: "chat.json") }
        var kept = Kept()
        if let file, FileManager.default.fileExists(atPath: file.path) {
            kept = try JSONDecoder().decode(Kept.self, from: Data(contentsOf: file))
        }
        secret = kept.secret
        owners = Mutex(kept.owners)
        rooms = Dictionary(
            uniqueKeysWithValues: Self.titles.map { name, _ in
                let room = Room<ChatLine>(
                    history: RoomHistory(count: 200), presence: RoomPresence(), memberRate: RoomRate(5),
                    restoring: kept.rooms[name])
                return (name, room)
            })
    }

    func find(_ name: String) throws -> Room<ChatLine> {
        guard let room = rooms[name] else { throw HTTPError(.notFound, "There is no room \(name).") }
        return room
    }

    func isRoom(_ name: String) -> Bool { rooms[name] != nil }

    /// Gives a name to a session, which keeps it; throws `RoomError` when it cannot be one, or is another's.
    func claim(_ name: String, for session: String) async throws {
        try Room<ChatLine>().check(name)
        try owners.withLock { owners in
            guard owners[name, default: session] == session else { throw RoomError.nameInUse(name) }
            guard owners.count < 10_000 else { throw HTTPError(.serviceUnavailable, "There are no names left.") }
            owners[name] = session
        }
        try await blocking { try self.save() }
    }

    func isOwner(of name: String, _ session: String) -> Bool { owners.withLock { $0[name] == session } }

    // MARK: Over restarts

    func install(in app: inout App) {}

    func around(_ serve: Serve) async throws {
        try await withThrowingTaskGroup { group in
            for (name, room) in rooms {
                group.addTask {
                    for try await line in room.entries() where self.isNew(line.position, in: name) {
                        try await blocking { try self.save() }
                    }
                }
            }
            try await serve()
            group.cancelAll()
        }
        try save()
    }

    private func isNew(_ position: RoomPosition, in room: String) -> Bool {
        saved.withLock { position.offset > $0[room]?.offset ?? 0 }
    }

    /// Writes all down, for nobody else to read.
    private func save() throws {
        guard let file else { return }
        try saved.withLock { saved in
            let kept = Kept(secret: secret, owners: owners.withLock { $0 }, rooms: rooms.mapValues(\.snapshot))
            let new = file.appendingPathExtension("new")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            guard
                FileManager.default.createFile(
                    atPath: new.path, contents: try JSONEncoder().encode(kept), attributes: [.posixPermissions: 0o600])
            else { throw CocoaError(.fileWriteUnknown) }
            // Either the old one is there or the new one, whole.
            guard rename(new.path, file.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
            saved = kept.rooms.mapValues(\.position)
        }
    }
}
