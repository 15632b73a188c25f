import CarafeWebSocketCodec
import FoundationEssentials
import NIOCore

/// The content of a room's history, to be saved and passed to the room of a later run of the program.
///
/// Clients that return with a position of the earlier run resume there, as far as the snapshot has it. `Room.snapshot`
/// is taken from a running room: later messages are lost when the program ends. A room that is restored from it begins
/// with a break, which is a gap for every reader from before it. `Room.finish()` ends the room and returns a snapshot
/// without a break. Such a snapshot is good for one run: save the new room's `snapshot` before it gets messages.
///
/// With presence, the members of the snapshot are present until `grace` after the first connection of the new run.
public struct RoomSnapshot: Sendable, Equatable {
    /// The version of new snapshots. One without a version is of version 1, and of a running room.
    static let version = 2

    /// The maximum number of restarts over which a position is valid.
    static let epochLimit = 16

    /// The end of the log when the snapshot was taken.
    public var position: RoomPosition { RoomPosition(offset: last, epoch: epoch) }

    var epoch: String
    /// The offset of the newest entry.
    var last: UInt64
    /// Earlier epochs, oldest first, each with the last offset that this log shares with it.
    var earlier: [Epoch]
    /// The newest entries, without gaps.
    var entries: [Entry]
    /// The names of the members.
    var people: [String]
    /// The idempotency keys of recent posts, oldest first.
    var keys: [SentKey]
    /// Whether the room had ended, so that no message follows.
    public internal(set) var isFinal: Bool

    struct SentKey: Sendable, Equatable, Codable {
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
        /// The bytes of a binary message.
        var bytes: Data?
        var audience: [String]?
        var subject: String?
        /// The age, in milliseconds.
        var milliseconds: Int64
        var joined: String?
        var left: String?
        /// Whether the entry marks a break, where entries may be lost.
        var isBreak: Bool?
    }
}

extension RoomSnapshot: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, epoch, last, earlier, entries, people
        case keys = "retries"
        case isFinal
    }

    /// Decodes a snapshot.
    ///
    /// - Throws: `RoomError.unknownSnapshot` for a later version, or the error of the decoder.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let version = try values.decodeIfPresent(Int.self, forKey: .version) ?? 1
        guard (1...Self.version).contains(version) else { throw RoomError.unknownSnapshot(version: version) }
        epoch = try values.decode(String.self, forKey: .epoch)
        last = try values.decode(UInt64.self, forKey: .last)
        earlier = try values.decode([Epoch].self, forKey: .earlier)
        entries = try values.decode([Entry].self, forKey: .entries)
        people = try values.decode([String].self, forKey: .people)
        keys = try values.decode([SentKey].self, forKey: .keys)
        isFinal = try values.decodeIfPresent(Bool.self, forKey: .isFinal) ?? false
    }

    /// Encodes the snapshot in the newest version.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(Self.version, forKey: .version)
        try values.encode(epoch, forKey: .epoch)
        try values.encode(last, forKey: .last)
        try values.encode(earlier, forKey: .earlier)
        try values.encode(entries, forKey: .entries)
        try values.encode(people, forKey: .people)
        try values.encode(keys, forKey: .keys)
        try values.encode(isFinal, forKey: .isFinal)
    }
}

extension RoomSnapshot {
    init(_ log: RoomLog, _ roster: Roster, _ keys: IdempotencyKeys, isFinal: Bool, at now: NIODeadline) {
        epoch = log.epoch
        last = log.last
        earlier = log.earlier
        entries = log.entries(after: 0).map { Entry($0, at: now) }
        people = roster.names
        self.keys = keys.all
        self.isFinal = isFinal
    }
}

extension RoomSnapshot.Entry {
    init(_ entry: LogEntry, at now: NIODeadline) {
        audience = entry.audience?.map { String(decoding: $0, as: UTF8.self) }
        subject = entry.subject.map { String(decoding: $0, as: UTF8.self) }
        milliseconds = (now - entry.time).nanoseconds / 1_000_000
        if entry.isBreak {
            isBreak = true
            return
        }
        switch entry.change {
        case .joined(let name): joined = name
        case .left(let name): left = name
        case nil:
            text = entry.message.text
            if text == nil { bytes = Data(entry.message.bytes.readableBytesView) }
        }
    }

    var post: RoomPost {
        if isBreak == true { return .break }
        if let joined { return RoomChange.joined(joined).post }
        if let left { return RoomChange.left(left).post }
        let message = text.map { Message.text($0) } ?? .binary(ByteBuffer(bytes: bytes ?? Data()))
        return RoomPost(message, to: audience?.map { Array($0.utf8) }, about: subject.map { Array($0.utf8) })
    }

    var age: TimeAmount {
        // A clock that was set back makes no entry younger than new.
        .milliseconds(min(max(milliseconds, 0), 1 << 40))
    }
}
