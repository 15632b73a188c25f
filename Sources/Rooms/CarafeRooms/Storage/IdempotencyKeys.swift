/// The keys of what was published lately, so that a client that tries again publishes once.
struct IdempotencyKeys: Sendable {
    /// Keys that are kept, of all members together: 4,000.
    private static let limit = 4000
    /// Bytes of a key: 64.
    static let keyLimit = 64

    /// Of each member for itself, so that nobody's message is taken for another's.
    struct Key: Sendable, Hashable {
        var member: [UInt8]
        var key: String
    }

    private var positions: [Key: RoomPosition] = [:]
    private var order: [Key] = []
    private var next = 0

    init(restoring snapshot: RoomSnapshot?, epoch: String) {
        for retry in snapshot?.retries ?? [] {
            let key = Key(member: Array(retry.member.utf8), key: retry.key)
            add(key, RoomPosition(offset: retry.offset, epoch: epoch))
        }
    }

    subscript(key: Key) -> RoomPosition? { positions[key] }

    mutating func add(_ key: Key, _ position: RoomPosition) {
        positions[key] = position
        guard order.count == Self.limit else { return order.append(key) }
        positions[order[next]] = nil
        order[next] = key
        next = (next + 1) % Self.limit
    }

    /// Oldest first.
    var all: [RoomSnapshot.Retry] {
        (order[next...] + order[..<next]).compactMap { key in
            positions[key].map {
                RoomSnapshot.Retry(
                    member: String(decoding: key.member, as: UTF8.self), key: key.key, offset: $0.offset)
            }
        }
    }
}
