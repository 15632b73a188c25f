import NIOCore

/// A place in a room's log: everything up to and with the entry of this offset.
///
/// As text it is `offset-epoch`, such as `4711-9f3c21d8`. The epoch changes when the log is lost or restored, so that an
/// offset of one log is never taken for one of another.
public struct RoomPosition: Sendable, Hashable, CustomStringConvertible {
    /// Counts from 1; 0 is before the first entry.
    public let offset: UInt64
    /// Which log; nil stands for the one that is there.
    public let epoch: String?

    /// A position of its parts.
    public init(offset: UInt64, epoch: String? = nil) {
        self.offset = offset
        self.epoch = epoch
    }

    /// Reads `offset-epoch`, or an offset alone; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let digits = parts.first, (1...19).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let offset = UInt64(String(decoding: digits, as: UTF8.self))
        else { return nil }
        var epoch: String?
        if parts.count == 2 {
            guard (1...16).contains(parts[1].count), parts[1].allSatisfy(Self.isEpochByte) else { return nil }
            epoch = String(decoding: parts[1], as: UTF8.self)
        }
        self.init(offset: offset, epoch: epoch)
    }

    public var description: String { epoch.map { "\(offset)-\($0)" } ?? "\(offset)" }

    func write(to bytes: inout ByteBuffer) {
        bytes.writeString(String(offset))
        guard let epoch else { return }
        bytes.writeStaticString("-")
        bytes.writeString(epoch)
    }

    /// Digits that tell one log from another.
    private static let digits = 8

    /// An epoch that no log had before, of 32 random bits; that of a restored log ends with the line that it goes on.
    static func makeEpoch(line: Substring? = nil) -> String {
        let digits = String(UInt32.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: Self.digits - digits.count) + digits + (line ?? "")
    }

    /// The epoch of the first log from which, by whatever restarts, this one comes.
    static func line(of epoch: String) -> Substring { epoch.suffix(digits) }

    private static func isEpochByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}

/// What a reader has missed: the log no longer holds it, or is another log.
public struct RoomGap: Sendable, Hashable {
    /// Up to where the reader had read.
    public let from: RoomPosition
    /// After which it goes on.
    public let to: RoomPosition

    /// As an item of the room's route, with who is here where that is told.
    func item(list: ByteBuffer?, beat: Int64? = nil) -> ByteBuffer {
        to.item(list: list, gap: "\"gap\":{\"from\":\"\(from)\",\"to\":\"\(to)\"}", beat: beat)
    }

    /// As an event of the room's route.
    var event: ByteBuffer {
        ByteBuffer(string: "id: \(to)\nevent: gap\ndata: {\"from\":\"\(from)\",\"to\":\"\(to)\"}\n\n")
    }
}

extension RoomPosition {
    /// An item of the room's route that tells where a reader is, and who is here where that is told.
    /// `beat` is the number of seconds within which it tells something more.
    func item(list: ByteBuffer?, gap: String? = nil, beat: Int64? = nil) -> ByteBuffer {
        var item = ByteBuffer(string: "{\"id\":\"\(self)\"")
        if let gap { item.writeString("," + gap) }
        if let beat { item.writeString(",\"beat\":\(beat)") }
        if let list {
            item.writeStaticString(",\"here\":")
            item.writeImmutableBuffer(list)
        }
        item.writeStaticString("}")
        return item
    }
}
