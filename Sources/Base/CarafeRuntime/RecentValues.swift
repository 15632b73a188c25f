/// Values by their keys, of a weight that is bounded: those that were not asked for the longest are forgotten first, in
/// bulk.
///
/// Nothing ever looks for what to forget: when the young generation is full it becomes the old one, and the old one
/// goes; whatever is asked for is young again.
package struct RecentValues<Key: Hashable, Value> {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private var youngWeight = 0
    private let half: Int
    private let weight: @Sendable (Value) -> Int

    /// - Parameters:
    ///   - limit: The weight of all values together, and half of it that of one; nothing is kept at 0.
    ///   - weight: That of a value, in any unit; by default each weighs 1. It never changes.
    package init(limit: Int, weight: @escaping @Sendable (Value) -> Int = { _ in 1 }) {
        half = limit > 0 ? max(limit / 2, 1) : 0
        self.weight = weight
    }

    package var count: Int { young.count + old.count }

    package subscript(key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            insert(value, key)
            return value
        }
        set {
            old[key] = nil
            if let previous = young.removeValue(forKey: key) { youngWeight -= weight(previous) }
            if let newValue { insert(newValue, key) }
        }
    }

    /// The key is in neither generation.
    private mutating func insert(_ value: Value, _ key: Key) {
        let added = weight(value)
        guard added <= half else { return }
        if youngWeight + added > half {
            old = young
            young = [:]
            youngWeight = 0
        }
        young[key] = value
        youngWeight += added
    }
}

extension RecentValues: Sendable where Key: Sendable, Value: Sendable {}
