import CarafeWebSocketCodec
import FoundationEssentials
import NIOCore

/// What a room's history holds, to be written down and given to the room of a later run of the program.
///
/// Clients that come back with a position of the earlier run go on where they were, as far as it is in the snapshot; what
/// was said after it was taken is told as a gap. Who was here, in a room with presence, is so until `grace` after the first
/// connection of the new run.
public struct RoomSnapshot: Sendable, Equatable, Codable {
    /// Restarts over which a position counts: 16.
    static let epochLimit = 16

    /// Where it was taken.
    public var position: RoomPosition { RoomPosition(offset: last, epoch: epoch) }

    var epoch: String
    /// The offset of the newest entry.
    var last: UInt64
    /// Earlier epochs, oldest first, each with the offset up to which its entries are those of this log.
    var earlier: [Epoch]
    /// The newest entries, without a hole.
    var entries: [Entry]
    /// Who was here.
    var people: [String]
    /// What clients may try once more, oldest first.
    var retries: [Retry]

    struct Retry: Sendable, Equatable, Codable {
        var member: String
        var key: String
        var offset: UInt64
    }

    struct Epoch: Sendable, Equatable, Codable {
        var name: String
        var last: UInt64
    }

    struct Entry: Sendable, Equatable, Codable {
        var text: String?
        /// Of a binary message.
        var bytes: Data?
        var audience: [String]?
        var subject: String?
        /// How old it was, in milliseconds.
        var milliseconds: Int64
        var joined: String?
        var left: String?
    }
}

extension RoomSnapshot {
    init(_ log: RoomLog, _ people: RoomPeople, _ retries: RoomRetries, at now: NIODeadline) {
        epoch = log.epoch
        last = log.last
        earlier = log.earlier
        entries = log.entries(after: 0).map { Entry($0, at: now) }
        self.people = people.names
        self.retries = retries.all
    }
}

extension RoomSnapshot.Entry {
    init(_ entry: RoomEntry, at now: NIODeadline) {
        audience = entry.audience?.map { String(decoding: $0, as: UTF8.self) }
        subject = entry.subject.map { String(decoding: $0, as: UTF8.self) }
        milliseconds = (now - entry.time).nanoseconds / 1_000_000
        switch entry.change {
        case .joined(let name): joined = name
        case .left(let name): left = name
        case nil:
            text = entry.message.text
            if text == nil { bytes = Data(entry.message.bytes.readableBytesView) }
        }
    }

    var post: RoomPost {
        if let joined { return RoomChange.joined(joined).post }
        if let left { return RoomChange.left(left).post }
        let message = text.map { Message.text($0) } ?? .binary(ByteBuffer(bytes: bytes ?? Data()))
        return RoomPost(message, to: audience?.map { Array($0.utf8) }, about: subject.map { Array($0.utf8) })
    }

    var age: TimeAmount {
        // A clock that has gone back makes nothing younger than new.
        .milliseconds(min(max(milliseconds, 0), 1 << 40))
    }
}
