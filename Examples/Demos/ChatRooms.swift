import Carafe
import CarafeRooms
import Foundation
import Synchronization

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

/// The rooms of the chat, and the owner of each name. With a folder they outlive the program.
final class ChatRooms: Extension {
    /// The names of the rooms, in the address and on the page.
    static let titles: KeyValuePairs = ["lobby": "Lobby 大厅", "tea": "Tea 茶", "coffee": "Coffee 咖啡"]

    let secret: String
    private let owners: Mutex<[String: String]>
    private let rooms: [String: Room<ChatLine>]
    private let file: ChatFile?
    /// Wakes the task that writes the file; several changes are written at once.
    private let (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(folder: String?) throws {
        file = folder.map { ChatFile(folder: $0) }
        let memory = try file?.read() ?? ChatMemory()
        secret = memory.secret
        owners = Mutex(memory.owners)
        rooms = Dictionary(
            uniqueKeysWithValues: Self.titles.map { name, _ in
                let room = Room<ChatLine>(
                    history: RoomHistory(countLimit: 200), presence: PresenceOptions(),
                    limits: RoomLimits(memberRate: RoomRate(5)),
                    restoring: memory.rooms[name])
                return (name, room)
            })
    }

    func find(_ name: String) throws -> Room<ChatLine> {
        guard let room = rooms[name] else { throw HTTPError(.notFound, "There is no room \(name).") }
        return room
    }

    func isRoom(_ name: String) -> Bool { rooms[name] != nil }

    // MARK: Names

    /// Assigns a name to a session for good, since its private messages are in the history.
    ///
    /// - Throws: `RoomError` for a text that is not a name, or a name of another session.
    func claim(_ name: String, for session: String) throws {
        try find("lobby").validate(name: name)
        try owners.withLock { owners in
            if owners[name] == session { return }
            guard owners[name] == nil else { throw RoomError.nameInUse(name) }
            guard owners.count < 10_000 else { throw HTTPError(.serviceUnavailable, "There are no names left.") }
            owners[name] = session
        }
        changed.yield()
    }

    func isOwner(of name: String, _ session: String) -> Bool { owners.withLock { $0[name] == session } }

    /// Moves a name to another session.
    func hand(_ name: String, from old: String, to new: String) {
        let isHanded = owners.withLock { owners in
            guard owners[name] == old else { return false }
            owners[name] = new
            return true
        }
        guard isHanded else { return }
        changed.yield()
        // Other tabs have the earlier session: their sockets end, and they go to the login.
        for room in rooms.values { room.remove(name) }
    }

    // MARK: Over restarts

    func install(in app: inout App) {}

    func around(_ serve: Serve) async throws {
        // A clean end counts once: from now on the file says that the rooms are in use.
        try save()
        try await withThrowingTaskGroup { group in
            for room in rooms.values {
                group.addTask { for try await _ in room.entries() { self.changed.yield() } }
            }
            group.addTask { for await _ in self.changes { await self.keep() } }
            try await serve()
            group.cancelAll()
        }
        for room in rooms.values { room.finish() }
        try save()
    }

    /// Writes the file. A failure, such as a full disk, is logged once and tried again; the rooms continue.
    private func keep() async {
        var isKept = true
        while !Task.isCancelled {
            do {
                try await blocking { try self.save() }
                if !isKept { log("kept again") }
                return
            } catch {
                if isKept { log("not kept, and tried again every 5 seconds: \(error.localizedDescription)") }
                isKept = false
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    private func log(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data("chat: \(line)\n".utf8))
    }

    private func save() throws {
        try file?.write(
            ChatMemory(secret: secret, owners: owners.withLock { $0 }, rooms: rooms.mapValues(\.snapshot)))
    }
}
