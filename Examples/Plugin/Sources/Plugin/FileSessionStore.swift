import Carafe
public import CarafeSessions
import Foundation
public import NIOCore

/// Keeps each session in a file of its own, so that sessions outlive the process.
///
/// ```swift
/// try app.install(Sessions(secret: secret, store: FileSessionStore(folder: "sessions")))
/// ```
///
/// A file holds the second in which the session ends, 8 bytes, and then the session's bytes. One process at a time may
/// use the folder.
public struct FileSessionStore: SessionStore {
    private let folder: URL

    /// Makes the folder, and removes the sessions in it whose time is over.
    ///
    /// - Parameter folder: A path that is absolute or relative to the working directory.
    /// - Throws: Foundation's error for a folder that can be neither made nor read.
    public init(folder: String) throws {
        self.folder = URL(filePath: folder, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: self.folder.path) where Self.isID(name) {
            if try read(name) == nil { try FileManager.default.removeItem(at: file(name)) }
        }
    }

    /// Returns the bytes of a session that has not ended; nil if there is none.
    public func load(_ id: String) async throws -> ByteBuffer? {
        // The file system has no calls that do not block.
        try await blocking { try read(id) }
    }

    /// Writes a session, which ends after a time.
    public func save(_ id: String, _ bytes: ByteBuffer, for time: Duration) async throws {
        let end = Int64(Date.now.timeIntervalSince1970) + time.components.seconds
        var content = ByteBuffer(integer: end)
        content.writeImmutableBuffer(bytes)
        let data = Data(content.readableBytesView)
        // Atomic: a reader finds the old session or the new one, and never half of it.
        try await blocking { try data.write(to: file(id), options: .atomic) }
    }

    /// Deletes a session.
    public func remove(_ id: String) async throws {
        try await blocking {
            do {
                try FileManager.default.removeItem(at: file(id))
            } catch CocoaError.fileNoSuchFile {
                // It is removed already.
            }
        }
    }

    private func read(_ id: String) throws -> ByteBuffer? {
        do {
            var content = ByteBuffer(bytes: try Data(contentsOf: file(id)))
            guard let end = content.readInteger(as: Int64.self), Double(end) > Date.now.timeIntervalSince1970 else {
                return nil
            }
            return content
        } catch CocoaError.fileReadNoSuchFile {
            return nil
        }
    }

    private func file(_ id: String) -> URL {
        // Carafe makes the ids; any other text could lead out of the folder.
        precondition(Self.isID(id), "expected the id of a session, found \"\(id)\"")
        return folder.appending(path: id)
    }

    private static func isID(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
