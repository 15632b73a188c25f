import CarafeRouting
import Synchronization

/// Detects changes to a blueprint or an app after it was registered or mounted. The registration took a copy, so that
/// later changes would have no effect.
///
/// All copies of a value share one watch. Each change assigns a new version to the changed copy, so that a copy that
/// diverged earlier is not mistaken for the registered one.
final class CopyWatch: Sendable {
    private struct State {
        var last = 0
        var registered: Set<Int> = []
        /// The first change after each registered version.
        var late: [Int: String] = [:]
    }

    private let state = Mutex(State())

    /// Records that a version of the value was registered.
    func register(_ version: Int) {
        state.withLock { _ = $0.registered.insert(version) }
    }

    /// Records a change to a version of the value.
    ///
    /// - Returns: The version after the change.
    func change(_ version: Int, _ what: String) -> Int {
        state.withLock { state in
            if state.registered.contains(version), state.late[version] == nil { state.late[version] = what }
            state.last += 1
            return state.last
        }
    }

    /// Throws if a version of the value was changed after it had been registered.
    func check(_ version: Int, named name: String, by call: String) throws(RouteError) {
        guard let change = state.withLock({ $0.late[version] }) else { return }
        throw RouteError(
            route: name,
            problem: "\(change) came after `\(call)`, which had taken a copy: call `\(call)` when it is complete")
    }
}
