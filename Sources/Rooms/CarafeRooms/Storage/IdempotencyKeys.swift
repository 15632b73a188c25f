/// The keys of recent posts, by which a client that tries again publishes once.
package struct IdempotencyKeys: Sendable {
    /// The maximum number of keys, of all members together.
    private static let limit = 4000
    /// The maximum size of a key, in bytes.
    static let keyLimit = 64

    /// A key of one member: no member's message is taken for another's.
    package struct Key: Sendable, Hashable {
        package var member: [UInt8]
        package var key: String

        package init(member: [UInt8], key: String) {
            self.member = member
            self.key = key
        }
    }

    private var positions: [Key: RoomPosition] = [:]
    private var order: [Key] = []
    private var next = 0

    subscript(key: Key) -> RoomPosition? { positions[key] }

    mutating func add(_ key: Key, _ position: RoomPosition) {
        positions[key] = position
        guard order.count == Self.limit else { return order.append(key) }
        positions[order[next]] = nil
        order[next] = key
        next = (next + 1) % Self.limit
    }
}
