import Synchronization

/// The permission under which a request is served, such as a session. It can be withdrawn after the request was
/// answered.
///
/// An extension puts one into `request.values` and ends it, for example at a logout. A socket, an endless stream and a
/// waiting poll register an action that ends them.
package final class Admission: Sendable {
    private struct State {
        var isOver = false
        var actions: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Registers an action for the end. It runs on any thread, and immediately if the admission has ended already.
    ///
    /// - Returns: The number by which `forget` finds the action.
    @discardableResult
    package func onEnd(_ action: @escaping @Sendable () -> Void) -> Int {
        let number = state.withLock { state -> Int? in
            if state.isOver { return nil }
            state.next += 1
            state.actions[state.next] = action
            return state.next
        }
        if number == nil { action() }
        return number ?? 0
    }

    /// Removes an action that is not needed any more.
    package func forget(_ number: Int) {
        // Released outside the lock: the closure may hold the last reference to this object.
        _ = state.withLock { $0.actions.removeValue(forKey: number) }
    }

    /// Whether it has ended.
    package var isOver: Bool { state.withLock { $0.isOver } }

    /// Runs all actions, once.
    package func end() {
        let actions = state.withLock { state in
            state.isOver = true
            defer { state.actions = [:] }
            return state.actions
        }
        for action in actions.values { action() }
    }
}
