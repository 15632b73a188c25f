import CarafeRouting
import Synchronization

/// Where an app or a blueprint ended up; routes ask it when they make URLs.
final class MountPoint: Sendable {
    private let path = Mutex<String?>(nil)

    /// The percent-encoded path before all routes here; empty at the root, and before the app is built.
    var prefix: String { path.withLock { $0 ?? "" } }

    /// Fixes the place; a second, different one is an error, since the URLs made here could mean either.
    func settle(at prefix: String) throws(RouteError) {
        let known = path.withLock { path in
            defer { path = path ?? prefix }
            return path
        }
        if let known, known != prefix {
            throw RouteError(
                route: "mount \(prefix.isEmpty ? "/" : prefix)",
                problem: "already mounted at \(known.isEmpty ? "/" : known); make the app once for each place"
            )
        }
    }
}
