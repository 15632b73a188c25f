/// The keys of what was published lately, so that a client that tries again publishes once.
struct RoomRetries: Sendable {
    /// Keys that are kept: 1,000.
    private static let limit = 1000
    /// Bytes of a key: 64.
    static let keyLimit = 64

    private var positions: [String: RoomPosition] = [:]
    private var order: [String] = []
    private var next = 0

    subscript(key: String) -> RoomPosition? { positions[key] }

    mutating func add(_ key: String, _ position: RoomPosition) {
        positions[key] = position
        guard order.count == Self.limit else { return order.append(key) }
        positions[order[next]] = nil
        order[next] = key
        next = (next + 1) % Self.limit
    }
}
