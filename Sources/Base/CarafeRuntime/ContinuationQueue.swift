/// A queue of the continuations of waiting tasks; each can leave it by its ticket when it is cancelled.
///
/// The queue is a value under its owner's lock. The code that removes a continuation resumes it, outside of the lock.
// Unsafe continuations: each leaves `waiting` once, and is then resumed.
package struct ContinuationQueue<Failure: Error>: Sendable {
    private var waiting: [UInt64: UnsafeContinuation<Void, Failure>] = [:]
    private var ticketCount: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { waiting.isEmpty }

    /// Returns a ticket. A task takes it before it waits, because a cancellation may come at any time after.
    package mutating func makeTicket() -> UInt64 {
        ticketCount += 1
        return ticketCount
    }

    package mutating func add(_ continuation: UnsafeContinuation<Void, Failure>, ticket: UInt64) {
        waiting[ticket] = continuation
    }

    /// Removes the continuation of a ticket, which the caller resumes; nil if it has left already, or has not come.
    package mutating func remove(ticket: UInt64) -> UnsafeContinuation<Void, Failure>? {
        waiting.removeValue(forKey: ticket)
    }

    /// Removes all continuations, which the caller resumes, oldest ticket first.
    package mutating func removeAll() -> [UnsafeContinuation<Void, Failure>] {
        if waiting.isEmpty { return [] }
        defer { waiting = [:] }
        return waiting.sorted { $0.key < $1.key }.map(\.value)
    }
}
