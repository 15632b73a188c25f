import CarafeRedisCodec
import CarafeRooms
import NIOCore

// The replies of a room's scripts, and the hints, as values of the engine. Each is nil for another reply.

extension RoomPosition {
    init?(_ reply: RedisReply) {
        guard case .bulk(let bytes) = reply, let position = RoomPosition(utf8: bytes.readableBytesUInt8Span),
            position.epoch != nil
        else { return nil }
        self = position
    }
}

extension EngineEntry {
    /// Reads an element of a stream: its ID and the fields `e`, the post, and `t`, the time.
    fileprivate init?(_ reply: RedisReply) {
        guard case .array(let element) = reply, element.count == 2, let id = element[0].text,
            case .array(let fields) = element[1], fields.count >= 4, case .bulk(let post) = fields[1],
            let time = fields[3].number, let offset = UInt64(id.prefix { $0 != "-" })
        else { return nil }
        self.init(offset: offset, time: Int64(time), bytes: post)
    }

    /// A post that this version cannot read is a break: readers are told that they have missed an entry.
    private init(offset: UInt64, time: Int64, bytes: ByteBuffer) {
        self.init(offset: offset, time: time, post: PostCodec.decode(bytes) ?? .break)
    }

    /// Reads a hint: `OFFSET-EPOCH TIME POST`.
    fileprivate static func hint(_ payload: ByteBuffer) -> (entry: EngineEntry, end: RoomPosition)? {
        let space = UInt8(ascii: " ")
        let words = payload.readableBytesView.split(separator: space, maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, let end = RoomPosition(String(decoding: words[0], as: UTF8.self)), end.epoch != nil,
            let time = Int64(String(decoding: words[1], as: UTF8.self)),
            let bytes = payload.getSlice(at: words[2].startIndex, length: words[2].count)
        else { return nil }
        return (EngineEntry(offset: end.offset, time: time, bytes: bytes), end)
    }
}

extension EnginePage {
    /// Reads the epoch, the last offset and the entries.
    init?(epoch: RedisReply, last: RedisReply, entries: RedisReply) {
        guard let epoch = epoch.text, let last = last.number, case .array(let elements) = entries else { return nil }
        let entries = elements.compactMap { EngineEntry($0) }
        guard entries.count == elements.count, last >= 0 else { return nil }
        self.init(end: RoomPosition(offset: UInt64(last), epoch: epoch), entries: entries)
    }

    init?(_ reply: RedisReply) {
        guard case .array(let parts) = reply, parts.count == 3 else { return nil }
        self.init(epoch: parts[0], last: parts[1], entries: parts[2])
    }

    /// Reads a message of a room's channel. One that cannot be read is a page of another log, so that the node reads
    /// the room.
    init(hint payload: ByteBuffer) {
        if let hint = EngineEntry.hint(payload) {
            self.init(end: hint.end, entries: [hint.entry])
        } else {
            self.init(end: RoomPosition(offset: 0, epoch: ""), entries: [])
        }
    }
}

extension EngineOpening {
    init?(_ reply: RedisReply) {
        guard case .array(let parts) = reply, parts.count == 5, let earlier = parts[1].text,
            case .array(let names) = parts[3],
            let page = EnginePage(epoch: parts[0], last: parts[2], entries: parts[4]), let epoch = page.end.epoch
        else { return nil }
        self.init(
            line: RoomLine(epoch: epoch, earlier: Self.epochs(earlier)),
            names: names.compactMap { name in
                if case .bulk(let bytes) = name { Array(bytes.readableBytesView) } else { nil }
            }, page: page)
    }

    /// Reads pairs of an epoch and its last offset, oldest first.
    private static func epochs(_ text: String) -> [RoomLine.Epoch] {
        let words = text.split(separator: " ")
        return stride(from: 0, to: words.count - words.count % 2, by: 2).compactMap { index in
            UInt64(words[index + 1]).map { RoomLine.Epoch(name: String(words[index]), last: $0) }
        }
    }
}
