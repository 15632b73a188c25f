import CarafeApp
import CarafeRuntime
public import NIOCore

/// How often something may be published by a room's route: so many at once after a pause, then as they come back.
public struct RoomRate: Sendable, Equatable {
    public var count: Int
    public var interval: TimeAmount

    /// At least one in each interval.
    public init(_ count: Int, per interval: TimeAmount = .seconds(1)) {
        self.count = count
        self.interval = interval
    }

    func bucket(at now: NIODeadline) -> RateBucket { RateBucket(count, per: interval, at: now) }
}

/// What is left of the rates of a room.
struct RoomRates: Sendable {
    /// Those who are told apart at a time; past it those that were silent longest begin anew.
    private static let memberLimit = 10_000

    private let memberRate: RoomRate?
    private let roomRate: RoomRate?
    private var members = RecentValues<[UInt8], RateBucket>(limit: memberLimit)
    private var room: RateBucket?

    init(member: RoomRate?, room: RoomRate?) {
        memberRate = member
        roomRate = room
    }

    /// Counts a message; gives in how many seconds there is room for one, when there is none.
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
