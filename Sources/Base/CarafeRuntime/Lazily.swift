import Synchronization

/// A value that is made when a task first asks for it, and is the same for all tasks.
package struct Lazily<Value: Sendable>: ~Copyable, Sendable {
    private let stored = Mutex<Value?>(nil)

    package init() {}

    /// The value, if it has been made.
    package var value: Value? { stored.withLock { $0 } }

    /// Returns the value, and makes it first if necessary. `make` runs under the lock.
    package func get(orMake make: () -> Value) -> Value {
        stored.withLock { stored in
            if let stored { return stored }
            let made = make()
            stored = made
            return made
        }
    }
}
