/// The messages that a room keeps for later subscribers; the first limit that is reached applies.
public struct RoomHistory: Sendable, Hashable {
    /// The maximum number of messages; changes of presence do not count.
    public var countLimit: Int
    /// The maximum size of the messages, in bytes.
    public var byteLimit: Int
    /// The maximum age of an entry; nil for any age.
    public var ageLimit: Duration?

    /// Creates a history of 1,000 messages and 1 MiB by default.
    public init(countLimit: Int = 1000, byteLimit: Int = 1 << 20, ageLimit: Duration? = nil) {
        self.countLimit = countLimit
        self.byteLimit = byteLimit
        self.ageLimit = ageLimit
    }

    /// No history: a subscriber gets the messages that are published after it joins.
    public static let none = RoomHistory(countLimit: 0, byteLimit: 0)
}

/// The limits of members' names and of the rates of messages that come by the route of a room.
public struct RoomLimits: Sendable, Equatable {
    /// The maximum length of a member's name, in Unicode scalars.
    public var nameLimit: Int
    /// The rate of one member, which is a name, or an address without one; nil for any rate.
    public var memberRate: RoomRate?
    /// The rate of all members together; nil for any rate.
    public var roomRate: RoomRate?

    /// Creates limits: names of 32 Unicode scalars and 100 messages per second and member by default.
    public init(nameLimit: Int = 32, memberRate: RoomRate? = RoomRate(100), roomRate: RoomRate? = nil) {
        self.nameLimit = nameLimit
        self.memberRate = memberRate
        self.roomRate = roomRate
    }
}

/// The configuration of a room, without the type of its messages.
struct RoomOptions: Sendable {
    var history: RoomHistory
    var presence: PresenceOptions?
    var limits = RoomLimits()
}
