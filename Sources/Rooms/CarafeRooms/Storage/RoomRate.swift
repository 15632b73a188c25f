import CarafeApp
import CarafeRuntime
import NIOCore

/// The rate of messages that a room's route accepts: a burst, and then one at a time (a token bucket).
public struct RoomRate: Sendable, Equatable {
    /// The size of a burst, and the number of messages in each interval; at least 1.
    public var count: Int
    /// The time after which `count` messages are allowed again.
    public var interval: Duration

    /// Creates a rate of so many messages per interval, which is a second by default.
    public init(_ count: Int, per interval: Duration = .seconds(1)) {
        self.count = count
        self.interval = interval
    }

    func bucket(at now: NIODeadline) -> RateBucket { RateBucket(count, per: TimeAmount(interval), at: now) }
}

/// The decision about a post, before it waits for slow members.
enum PostAdmission: Sendable {
    case publish
    /// An earlier post with the same key was published at this position.
    case published(RoomPosition)
    /// The post is beyond a rate; the next is allowed after this time.
    case tooMany(seconds: Int)
}

/// The token buckets of a room.
struct RoomRates: Sendable {
    /// The maximum number of members with a bucket; beyond it those that were silent longest get a full one again.
    private static let memberLimit = 10_000

    private let memberRate: RoomRate?
    private let roomRate: RoomRate?
    private var members = RecentValues<[UInt8], RateBucket>(limit: memberLimit)
    private var room: RateBucket?

    init(member: RoomRate?, room: RoomRate?) {
        memberRate = member
        roomRate = room
    }

    /// Counts a message; returns the seconds until the next is allowed if this one is not.
    mutating func consume(_ member: [UInt8], at now: NIODeadline) -> Int? {
        if let memberRate {
            var bucket = members[member] ?? memberRate.bucket(at: now)
            defer { members[member] = bucket }
            if let seconds = bucket.consume(at: now) { return seconds }
        }
        guard let roomRate else { return nil }
        var bucket = room ?? roomRate.bucket(at: now)
        defer { room = bucket }
        return bucket.consume(at: now)
    }
}
