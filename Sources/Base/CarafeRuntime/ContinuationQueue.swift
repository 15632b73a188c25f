/// Tasks that wait, in the order in which they came; each can leave the queue by its ticket when it is cancelled.
///
/// The queue is a value under its owner's lock. The code that removes a continuation resumes it, outside of the lock.
// Unsafe continuations: each leaves `waiting` once, and is then resumed.
package struct ContinuationQueue: Sendable {
    private var waiting: [UInt64: UnsafeContinuation<Void, Never>] = [:]
    private var ticketCount: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { waiting.isEmpty }

    /// Makes a ticket, before the task waits: a cancellation may come at any time after it.
    package mutating func makeTicket() -> UInt64 {
        ticketCount += 1
        return ticketCount
    }

    package mutating func add(_ continuation: UnsafeContinuation<Void, Never>, ticket: UInt64) {
        waiting[ticket] = continuation
    }

    /// The continuation of a ticket, which is to be resumed; nil when it has left already, or has not come.
    package mutating func remove(ticket: UInt64) -> UnsafeContinuation<Void, Never>? {
        waiting.removeValue(forKey: ticket)
    }

    /// All continuations, which are to be resumed, oldest ticket first.
    package mutating func removeAll() -> [UnsafeContinuation<Void, Never>] {
        if waiting.isEmpty { return [] }
        defer { waiting = [:] }
        return waiting.sorted { $0.key < $1.key }.map(\.value)
    }
}
