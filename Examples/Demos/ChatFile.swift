import CarafeRooms
import Foundation

/// The part of the chat that outlives the program.
struct ChatMemory: Codable {
    /// The secret that signs the sessions.
    var secret = UUID().uuidString + UUID().uuidString
    /// The sessions that own names, by name.
    var owners: [String: String] = [:]
    var rooms: [String: RoomSnapshot] = [:]
}

/// The file of the chat.
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
            throw ChatFileError(description: "\(url.path) holds no chat; move it away to start again: \(error)")
        }
    }

    /// Writes the file, which only its owner may read. A reader finds the old one or the new one, and never a part.
    func write(_ memory: ChatMemory) throws {
        let new = url.appendingPathExtension("new")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        // A partial file would keep a full disk full.
        defer { try? FileManager.default.removeItem(at: new) }
        _ = FileManager.default.createFile(atPath: new.path, contents: nil, attributes: [.posixPermissions: 0o600])
        let handle = try FileHandle(forWritingTo: new)
        try handle.write(contentsOf: try JSONEncoder().encode(memory))
        try handle.synchronize()
        try handle.close()
        guard rename(new.path, url.path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
}

private struct ChatFileError: Error, CustomStringConvertible {
    var description: String
}
