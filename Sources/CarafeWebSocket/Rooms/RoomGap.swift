import NIOCore

/// What a reader has missed: the log no longer holds it, or is another log.
public struct RoomGap: Sendable, Hashable {
    /// Up to where the reader had read.
    public let from: RoomPosition
    /// After which it goes on.
    public let to: RoomPosition

    /// As an item of the room's route.
    var item: ByteBuffer {
        ByteBuffer(string: "{\"id\":\"\(to)\",\"gap\":{\"from\":\"\(from)\",\"to\":\"\(to)\"}}")
    }

    /// As an event of the room's route.
    var event: ByteBuffer {
        ByteBuffer(string: "id: \(to)\nevent: gap\ndata: {\"from\":\"\(from)\",\"to\":\"\(to)\"}\n\n")
    }
}

/// What a reader gets at a time.
struct RoomReading {
    /// What is missing before the entries.
    var gap: RoomGap?
    var entries: [RoomEntry]
    /// Up to where this goes; entries that were for others are counted in.
    var position: RoomPosition
}
