import Carafe
import Synchronization

/// Counts the handlers that have started and ended, so that one that is left behind shows.
final class HandlerCount: Sendable {
    struct State: Encodable {
        var started = 0
        var ended = 0
    }

    private let counts = Mutex(State())

    var state: State { counts.withLock { $0 } }

    func count(_ body: () async throws -> Void) async throws {
        counts.withLock { $0.started += 1 }
        defer { counts.withLock { $0.ended += 1 } }
        try await body()
    }
}
