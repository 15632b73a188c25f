import CarafeWebSocketCodec
import FoundationEssentials
import NIOCore

/// What a room's history holds, to be written down and given to the room of a later run of the program.
///
/// Clients that come back with a position of the earlier run go on where they were, as far as it is in the snapshot.
/// `Room.snapshot` is taken while the room goes on: what is published after it is lost if the program ends, so that a room
/// restored from it begins with a break, which every reader that comes from before it is told as a gap. `Room.finish()`
/// ends the room, and gives a snapshot that tells of no gap. It counts once: write down the new room's `snapshot`
/// before anybody publishes there.
///
/// Who was here, in a room with presence, is so until `grace` after the first connection of the new run.
public struct RoomSnapshot: Sendable, Equatable {
    /// What is written; a snapshot without a version is of version 1, and of a room that went on.
    static let version = 2

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
    /// Whether nothing was published after it.
    public internal(set) var isFinal: Bool

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
        /// Whether it stands for entries that may be lost.
        var isBreak: Bool?
    }
}

extension RoomSnapshot: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, epoch, last, earlier, entries, people, retries, isFinal
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let version = try values.decodeIfPresent(Int.self, forKey: .version) ?? 1
        guard (1...Self.version).contains(version) else { throw RoomError.unknownSnapshot(version: version) }
        epoch = try values.decode(String.self, forKey: .epoch)
        last = try values.decode(UInt64.self, forKey: .last)
        earlier = try values.decode([Epoch].self, forKey: .earlier)
        entries = try values.decode([Entry].self, forKey: .entries)
        people = try values.decode([String].self, forKey: .people)
        retries = try values.decode([Retry].self, forKey: .retries)
        isFinal = try values.decodeIfPresent(Bool.self, forKey: .isFinal) ?? false
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(Self.version, forKey: .version)
        try values.encode(epoch, forKey: .epoch)
        try values.encode(last, forKey: .last)
        try values.encode(earlier, forKey: .earlier)
        try values.encode(entries, forKey: .entries)
        try values.encode(people, forKey: .people)
        try values.encode(retries, forKey: .retries)
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
        retries = keys.all
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
        // A clock that has gone back makes nothing younger than new.
        .milliseconds(min(max(milliseconds, 0), 1 << 40))
    }
}
