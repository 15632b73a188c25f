import CarafeRouting
import Synchronization

/// Finds changes of a blueprint or an app that came after it was registered or mounted: it was copied there, and what
/// its variable gets later is served by nobody.
///
/// All copies of a value share one watch. Each change gives the changed copy a version of its own, so that a copy which
/// went its own way before is not mistaken for the one that was registered.
final class CopyWatch: Sendable {
    private struct State {
        var last = 0
        var registered: Set<Int> = []
        /// By the version that was registered: the first change after it.
        var late: [Int: String] = [:]
    }

    private let state = Mutex(State())

    /// Notes that the value of a version was registered.
    func register(_ version: Int) {
        state.withLock { _ = $0.registered.insert(version) }
    }

    /// Notes a change of the value of a version; gives the version that it has then.
    func change(_ version: Int, _ what: String) -> Int {
        state.withLock { state in
            if state.registered.contains(version), state.late[version] == nil { state.late[version] = what }
            state.last += 1
            return state.last
        }
    }

    /// Throws where the value of a version was changed after it had been registered.
    func check(_ version: Int, named name: String, by call: String) throws(RouteError) {
        guard let change = state.withLock({ $0.late[version] }) else { return }
        throw RouteError(
            route: name,
            problem: "\(change) came after `\(call)`, which had taken a copy: call `\(call)` when it is complete")
    }
}
