import CarafeRooms
import CarafeWebSocketCodec
import Foundation
import GRDB
import NIOCore

/// An entry of a room's log as columns: its kind, and a message or a name.
enum EntryRow {
    private enum Kind: Int {
        case text, binary, joined, left, `break`, removal
    }

    /// Returns the values of `kind`, `message`, `audience` and `subject`.
    static func values(of post: RoomPost) throws -> [(any DatabaseValueConvertible)?] {
        let (kind, content) = content(of: post)
        let audience = try post.audience.map { names in
            String(decoding: try JSONEncoder().encode(names.map { String(decoding: $0, as: UTF8.self) }), as: UTF8.self)
        }
        return [kind.rawValue, content, audience, post.subject.map { Data($0) }]
    }

    private static func content(of post: RoomPost) -> (Kind, (any DatabaseValueConvertible)?) {
        switch post.kind {
        case .message where post.message.kind == .text: (.text, String(buffer: post.message.bytes))
        case .message: (.binary, Data(post.message.bytes.readableBytesView))
        case .change(.joined(let name)): (.joined, name)
        case .change(.left(let name)): (.left, name)
        case .break: (.break, nil)
        case .removal(let name): (.removal, String(decoding: name, as: UTF8.self))
        }
    }

    /// Makes an entry from the columns `offset, time, kind, message, audience, subject`.
    ///
    /// - Throws: An error for values that no program has written, as a damaged file may have.
    static func entry(_ row: Row) throws -> EngineEntry {
        EngineEntry(offset: UInt64(try row.total(0)), time: try row.total(1), post: try post(row))
    }

    private static func post(_ row: Row) throws -> RoomPost {
        switch Kind(rawValue: try row.decode(atIndex: 2)) {
        case .text: return try message(Message.text(try row.decode(atIndex: 3)), row)
        case .binary: return try message(.binary(ByteBuffer(bytes: try row.decode(Data.self, atIndex: 3))), row)
        case .joined: return .change(.joined(try row.decode(atIndex: 3)))
        case .left: return .change(.left(try row.decode(atIndex: 3)))
        case .break: return .break
        case .removal: return .removal(of: Array(try row.decode(String.self, atIndex: 3).utf8))
        // Of a later version: the readers are told that there is something that they do not get.
        case nil: return .break
        }
    }

    private static func message(_ message: Message, _ row: Row) throws -> RoomPost {
        let audience: String? = try row.decode(atIndex: 4)
        let names = try audience.map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) }
        let subject: Data? = try row.decode(atIndex: 5)
        return RoomPost(message, to: names?.map { Array($0.utf8) }, about: subject.map { Array($0) })
    }
}
