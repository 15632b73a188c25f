import NIOCore

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
