/// The bounds of a room's history, which it keeps for later subscribers. The first bound that is reached counts.
public struct RoomHistory: Sendable, Equatable {
    /// The number of messages. Changes of presence do not count.
    public var count: Int
    /// The bytes of all entries.
    public var byteCount: Int
    /// The greatest age of an entry; nil for any age.
    public var age: Duration?

    /// Creates bounds of 1,000 messages and 1 MiB, or others.
    public init(count: Int = 1000, byteCount: Int = 1 << 20, age: Duration? = nil) {
        self.count = count
        self.byteCount = byteCount
        self.age = age
    }

    /// No history: a subscriber gets the messages from its start on.
    public static let none = RoomHistory(count: 0, byteCount: 0)
}

/// The options of a room, without the type of its messages.
struct RoomOptions {
    /// The greatest number of characters (Unicode scalars) in a member's name.
    var nameLimit: Int
    var history: RoomHistory
    var presence: PresenceOptions?
    var memberRate: RoomRate?
    var roomRate: RoomRate?
    var snapshot: RoomSnapshot?
}
