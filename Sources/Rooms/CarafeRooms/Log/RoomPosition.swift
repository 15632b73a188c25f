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
    public init?(_ text: some StringProtocol) { self.init(utf8: Array(text.utf8).span) }

    /// Parses the UTF-8 of a position.
    package init?(utf8 bytes: Span<UInt8>) {
        var offset: UInt64 = 0
        var end = 0
        // 19 digits cannot overflow.
        while end < min(bytes.count, 19), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) {
            offset = offset * 10 + UInt64(bytes[end] - UInt8(ascii: "0"))
            end += 1
        }
        guard end > 0 else { return nil }
        self.offset = offset
        if end == bytes.count {
            epoch = nil
            return
        }
        let name = bytes.extracting(droppingFirst: end + 1)
        guard bytes[end] == UInt8(ascii: "-"), (1...Self.epochLimit).contains(name.count),
            name.indices.allSatisfy({ Self.isEpochByte(name[$0]) })
        else { return nil }
        epoch = name.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
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
