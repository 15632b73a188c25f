/// The idempotency keys of recent posts, so that a repeated post publishes once.
struct IdempotencyKeys: Sendable {
    /// The number of keys that are kept, of all members together: 4,000.
    private static let limit = 4000
    /// The greatest length of a key: 64 bytes.
    static let keyLimit = 64

    /// A key of one member: the same key of another member is another key.
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

    /// The keys, oldest first.
    var all: [RoomSnapshot.Retry] {
        (order[next...] + order[..<next]).compactMap { key in
            positions[key].map {
                RoomSnapshot.Retry(
                    member: String(decoding: key.member, as: UTF8.self), key: key.key, offset: $0.offset)
            }
        }
    }
}
