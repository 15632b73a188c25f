import CarafeRouting
import Synchronization

/// The path at which an app or a blueprint is mounted. Routes use it to make URLs.
final class MountPoint: Sendable {
    private let path = Mutex<String?>(nil)

    /// The percent-encoded prefix of all routes here: empty at the root, and before the app is built.
    var prefix: String { path.withLock { $0 ?? "" } }

    /// Fixes the path. A second, different one is an error, because URLs could then mean either.
    func fix(at prefix: String) throws(RouteError) {
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
