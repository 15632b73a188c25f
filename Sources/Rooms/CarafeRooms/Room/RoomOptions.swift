public import NIOCore

/// How much of what was said a room keeps for those who come later; the first limit that is reached counts.
public struct RoomHistory: Sendable, Equatable {
    /// Messages; who came and went is none.
    public var count: Int
    /// Bytes of messages.
    public var byteCount: Int
    /// How old an entry may become; nil for any age.
    public var age: TimeAmount?

    /// 1,000 entries and 1 MiB, unless you say otherwise.
    public init(count: Int = 1000, byteCount: Int = 1 << 20, age: TimeAmount? = nil) {
        self.count = count
        self.byteCount = byteCount
        self.age = age
    }

    /// Nothing: who comes later hears what is said from then on.
    public static let none = RoomHistory(count: 0, byteCount: 0)
}

/// What a room is made with.
struct RoomOptions {
    /// The most characters (Unicode scalars) in a member's name.
    var nameLimit: Int
    var history: RoomHistory
    var presence: PresenceOptions?
    var memberRate: RoomRate?
    var roomRate: RoomRate?
    var snapshot: RoomSnapshot?
}
