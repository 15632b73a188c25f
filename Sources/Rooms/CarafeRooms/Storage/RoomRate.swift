import CarafeApp
import CarafeRuntime
import NIOCore

/// The rate at which messages may be published by a room's route: a burst of `count` after a pause, then one at a time.
public struct RoomRate: Sendable, Equatable {
    /// The number of messages in each interval, at least 1.
    public var count: Int
    /// The interval.
    public var interval: Duration

    /// Creates a rate; a count below 1 counts as 1.
    public init(_ count: Int, per interval: Duration = .seconds(1)) {
        self.count = count
        self.interval = interval
    }

    func bucket(at now: NIODeadline) -> RateBucket { RateBucket(count, per: TimeAmount(interval), at: now) }
}

/// The decision about a post.
enum PostAdmission: Sendable {
    case publish
    /// An earlier post with the same key was published at this position.
    case published(RoomPosition)
    /// The post is beyond a rate; the member may publish again after this time.
    case tooMany(seconds: Int)
}

/// The token buckets of a room and its members.
struct RoomRates: Sendable {
    /// The number of members that are tracked at a time: 10,000. Beyond it the members that were silent longest start
    /// with a full bucket again.
    private static let memberLimit = 10_000

    private let memberRate: RoomRate?
    private let roomRate: RoomRate?
    private var members = RecentValues<[UInt8], RateBucket>(limit: memberLimit)
    private var room: RateBucket?

    init(member: RoomRate?, room: RoomRate?) {
        memberRate = member
        roomRate = room
    }

    /// Counts a message; returns the seconds to wait if it is beyond a rate.
    mutating func take(_ member: [UInt8], at now: NIODeadline) -> Int? {
        if let memberRate {
            var bucket = members[member] ?? memberRate.bucket(at: now)
            defer { members[member] = bucket }
            if let seconds = bucket.take(at: now) { return seconds }
        }
        guard let roomRate else { return nil }
        var bucket = room ?? roomRate.bucket(at: now)
        defer { room = bucket }
        return bucket.take(at: now)
    }
}
