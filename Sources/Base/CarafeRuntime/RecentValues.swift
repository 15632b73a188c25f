/// A cache with a bounded weight, from which the values that were not used for the longest time are removed, in bulk.
///
/// It never searches for a value to remove. When the young generation is full it becomes the old one, and the old one
/// is dropped; a value that is used becomes young again.
package struct RecentValues<Key: Hashable, Value> {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private var youngWeight = 0
    private let half: Int
    private let weight: @Sendable (Value) -> Int

    /// - Parameters:
    ///   - limit: The greatest weight of all values together; that of one is half of it. At 0 no value is kept.
    ///   - weight: Returns the weight of a value, in any unit, which never changes; by default each weighs 1.
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

    /// Adds a value whose key is in neither generation.
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
