import Synchronization

/// A queue for each session id, in which one task at a time reads and writes the session, in order of arrival.
final class SessionTurns: Sendable {
    /// The waiting tasks, by the ids that are in use.
    private let waiting = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])

    func withTurn<Value>(of id: String, _ body: () async throws -> Value) async rethrows -> Value {
        await begin(id)
        defer { end(id) }
        return try await body()
    }

    private func begin(_ id: String) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                let isFree = waiting[id] == nil
                waiting[id, default: []] += isFree ? [] : [continuation]
                return isFree
            }
            if isFree { continuation.resume() }
        }
    }

    private func end(_ id: String) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            if waiting[id]?.isEmpty == false { return waiting[id]?.removeFirst() }
            waiting[id] = nil
            return nil
        }
        next?.resume()
    }
}
