/// The keys of recent posts, by which a client that tries again publishes once.
struct IdempotencyKeys: Sendable {
    /// The maximum number of keys, of all members together.
    private static let limit = 4000
    /// The maximum size of a key, in bytes.
    static let keyLimit = 64

    /// A key of one member: no member's message is taken for another's.
    struct Key: Sendable, Hashable {
        var member: [UInt8]
        var key: String
    }

    private var positions: [Key: RoomPosition] = [:]
    private var order: [Key] = []
    private var next = 0

    init(restoring snapshot: RoomSnapshot?, epoch: String) {
        for sent in snapshot?.keys ?? [] {
            let key = Key(member: Array(sent.member.utf8), key: sent.key)
            add(key, RoomPosition(offset: sent.offset, epoch: epoch))
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

    /// All keys, oldest first.
    var all: [RoomSnapshot.SentKey] {
        (order[next...] + order[..<next]).compactMap { key in
            positions[key].map {
                RoomSnapshot.SentKey(
                    member: String(decoding: key.member, as: UTF8.self), key: key.key, offset: $0.offset)
            }
        }
    }
}
