import CarafeRooms
import Foundation

/// The part of the chat that outlives the program.
struct ChatMemory: Codable {
    /// Signs the sessions.
    var secret = UUID().uuidString + UUID().uuidString
    /// By name, the session that has it.
    var owners: [String: String] = [:]
    var rooms: [String: RoomSnapshot] = [:]
}

/// The file that it is kept in.
struct ChatFile {
    private let url: URL

    init(folder: String) {
        url = URL(filePath: folder).appending(path: "chat.json")
    }

    func read() throws -> ChatMemory {
        guard FileManager.default.fileExists(atPath: url.path) else { return ChatMemory() }
        do {
            return try JSONDecoder().decode(ChatMemory.self, from: Data(contentsOf: url))
        } catch {
            throw BadChatFile(description: "\(url.path) holds no chat; move it away to start again: \(error)")
        }
    }

    /// For nobody else to read. Either the old one is there or the new one, whole.
    func write(_ memory: ChatMemory) throws {
        let new = url.appendingPathExtension("new")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        // What a full disk has cut short would keep it full.
        defer { try? FileManager.default.removeItem(at: new) }
        _ = FileManager.default.createFile(atPath: new.path, contents: nil, attributes: [.posixPermissions: 0o600])
        let handle = try FileHandle(forWritingTo: new)
        try handle.write(contentsOf: try JSONEncoder().encode(memory))
        try handle.synchronize()
        try handle.close()
        guard rename(new.path, url.path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
}

private struct BadChatFile: Error, CustomStringConvertible {
    var description: String
}
