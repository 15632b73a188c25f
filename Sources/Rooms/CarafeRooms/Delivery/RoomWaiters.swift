/// Tasks that wait for something in a room: for an entry, or to publish.
// Unsafe continuations: each leaves `waiting` once, under the room's lock, and is then resumed.
struct ContinuationQueue: Sendable {
    private var waiting: [UInt64: UnsafeContinuation<Void, Never>] = [:]
    private var tickets: UInt64 = 0

    var isEmpty: Bool { waiting.isEmpty }

    mutating func makeTicket() -> UInt64 {
        tickets += 1
        return tickets
    }

    mutating func add(_ continuation: UnsafeContinuation<Void, Never>, _ ticket: UInt64) {
        waiting[ticket] = continuation
    }

    mutating func take(_ ticket: UInt64) -> UnsafeContinuation<Void, Never>? { waiting.removeValue(forKey: ticket) }

    mutating func takeAll() -> [UnsafeContinuation<Void, Never>] {
        if waiting.isEmpty { return [] }
        defer { waiting = [:] }
        return waiting.sorted { $0.key < $1.key }.map(\.value)
    }
}
