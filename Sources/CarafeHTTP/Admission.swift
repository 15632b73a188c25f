import Synchronization

/// What let a request in, such as a session, for all that goes on after it was answered: a socket, a stream, a poll that
/// waits.
///
/// An extension leaves one in `request.values`, and ends it when its reason is gone; what serves the client for longer
/// asks to be told.
package final class Admission: Sendable {
    private struct State {
        var isOver = false
        var actions: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Calls a closure when the admission ends, on any thread; at once where it has ended. `forget` takes the number that
    /// this gives.
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

    package func forget(_ number: Int) {
        // Let go outside of the lock: it may be the last that holds this.
        _ = state.withLock { $0.actions.removeValue(forKey: number) }
    }

    /// Whether it has ended.
    package var isOver: Bool { state.withLock { $0.isOver } }

    package func end() {
        let actions = state.withLock { state in
            state.isOver = true
            defer { state.actions = [:] }
            return state.actions
        }
        for action in actions.values { action() }
    }
}
