import CarafeEventStream
import CarafeRuntime
import NIOCore

/// A position in a room's log: after the entry of an offset.
///
/// As text it is `offset-epoch`, such as `4711-9f3c21d8`. The epoch changes when the log is lost or restored, so that
/// an offset of one log is never taken for one of another.
public struct RoomPosition: Sendable, Hashable, CustomStringConvertible {
    /// The maximum length of an epoch: two numbers of 64 bits in hexadecimal.
    private static let epochLimit = 32

    /// The number of the entry, from 1; 0 is before the first.
    public let offset: UInt64
    /// The epoch of the log; nil for the present one.
    public let epoch: String?

    /// Creates a position from its parts.
    public init(offset: UInt64, epoch: String? = nil) {
        self.offset = offset
        self.epoch = epoch
    }

    /// Parses `offset-epoch`, or an offset alone; nil for any other text.
    public init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let digits = parts.first, (1...19).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let offset = UInt64(String(decoding: digits, as: UTF8.self))
        else { return nil }
        var epoch: String?
        if parts.count == 2 {
            guard (1...Self.epochLimit).contains(parts[1].count), parts[1].allSatisfy(Self.isEpochByte) else {
                return nil
            }
            epoch = String(decoding: parts[1], as: UTF8.self)
        }
        self.init(offset: offset, epoch: epoch)
    }

    /// The position as text: `offset-epoch`, or the offset without an epoch.
    public var description: String { epoch.map { "\(offset)-\($0)" } ?? "\(offset)" }

    func write(to bytes: inout ByteBuffer) {
        bytes.writeString(String(offset))
        guard let epoch else { return }
        bytes.writeStaticString("-")
        bytes.writeString(epoch)
    }

    private static func isEpochByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}

/// A range of entries that a reader has missed, because the log has dropped them or is another log.
public struct RoomGap: Sendable, Hashable {
    /// The position up to which the reader had read.
    public let from: RoomPosition
    /// The position after which the reader resumes.
    public let to: RoomPosition

    /// Returns the gap as an item of the room's route, with the names of the members if there is presence.
    func item(list: ByteBuffer?, beat: Int64? = nil) -> ByteBuffer {
        to.item(list: list, gap: self, beat: beat)
    }

    /// The gap as an event of the room's route.
    var event: ByteBuffer { to.event(named: "gap", data: json) }

    /// The gap as JSON.
    var json: String { "{\"from\":\"\(from)\",\"to\":\"\(to)\"}" }
}

extension RoomPosition {
    /// Returns an event whose id is the position.
    ///
    /// - Parameters:
    ///   - name: The name of the event.
    ///   - data: One line.
    func event(named name: String, data: String) -> ByteBuffer {
        var event = ByteBuffer()
        event.writeEventField(.id, "\(self)")
        event.writeEventField(.event, name)
        event.writeEventField(.data, data)
        event.writeEventEnd()
        return event
    }

    /// Returns the position as an item of the room's route.
    ///
    /// - Parameters:
    ///   - list: The names of the members, if there is presence.
    ///   - gap: The gap before the position.
    ///   - beat: The number of seconds within which the client gets another message.
    func item(list: ByteBuffer?, gap: RoomGap? = nil, beat: Int64? = nil) -> ByteBuffer {
        var item = ByteBuffer(string: "{\"id\":\"\(self)\"")
        if let gap { item.writeString(",\"gap\":\(gap.json)") }
        if let beat { item.writeString(",\"beat\":\(beat)") }
        if let list {
            item.writeStaticString(",\"here\":")
            item.writeImmutableBuffer(list)
        }
        item.writeStaticString("}")
        return item
    }
}
