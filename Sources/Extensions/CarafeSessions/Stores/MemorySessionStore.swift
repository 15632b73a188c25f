import CarafeHTTP
import CarafeRuntime
public import NIOCore
import Synchronization

/// A store in the memory of this process. Sessions are lost when the process ends, and other processes do not see them.
///
/// Once there are too many, the half that was not used for the longest time is removed.
public final class MemorySessionStore: SessionStore {
    private struct Entry {
        var bytes: ByteBuffer
        var end: NIODeadline
    }

    private let entries: Mutex<RecentValues<String, Entry>>
    private let now: @Sendable () -> NIODeadline

    /// Creates an empty store.
    ///
    /// - Parameter limit: The largest number of sessions: 100,000.
    public convenience init(limit: Int = 100_000) {
        self.init(limit: limit) { .now() }
    }

    init(limit: Int, now: @escaping @Sendable () -> NIODeadline) {
        entries = Mutex(RecentValues(limit: limit))
        self.now = now
    }

    /// Returns the bytes of a session, or nil if there are none or their time is over.
    public func load(_ id: String) -> ByteBuffer? {
        entries.withLock { entries in
            guard let entry = entries[id] else { return nil }
            if entry.end > now() { return entry.bytes }
            entries[id] = nil
            return nil
        }
    }

    /// Saves the bytes of a session for a time.
    public func save(_ id: String, _ bytes: ByteBuffer, for time: Duration) {
        entries.withLock { $0[id] = Entry(bytes: bytes, end: now() + TimeAmount(time)) }
    }

    /// Changes the bytes of a session in one step.
    ///
    /// - Throws: The error of `change`.
    public func update(_ id: String, for time: Duration, _ change: (ByteBuffer?) throws -> ByteBuffer?) rethrows {
        try entries.withLock { entries in
            let kept = entries[id].flatMap { $0.end > now() ? $0.bytes : nil }
            if let bytes = try change(kept) { entries[id] = Entry(bytes: bytes, end: now() + TimeAmount(time)) }
        }
    }

    /// Returns those of these sessions that were removed, or whose time is over.
    public func missing(among ids: [String]) -> [String] {
        entries.withLock { entries in
            ids.filter { id in entries[id].map { $0.end <= now() } ?? true }
        }
    }

    /// Removes a session.
    public func remove(_ id: String) {
        entries.withLock { $0[id] = nil }
    }
}
