/// The tasks that wait until their socket takes more, in their order.
struct SendQueue {
    typealias Continuation = UnsafeContinuation<Void, any Error>

    private var waiting: [(ticket: Int, continuation: Continuation)] = []
    private var nextTicket = 0

    /// Makes the ticket of a task, before it waits.
    mutating func makeTicket() -> Int {
        nextTicket += 1
        return nextTicket
    }

    mutating func add(_ continuation: Continuation, ticket: Int) {
        waiting.append((ticket, continuation))
    }

    /// Takes one task out, if it still waits.
    mutating func remove(ticket: Int) -> Continuation? {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return waiting.remove(at: index).continuation
    }

    /// Takes all out.
    mutating func removeAll() -> [Continuation] {
        defer { waiting = [] }
        return waiting.map(\.continuation)
    }
}
