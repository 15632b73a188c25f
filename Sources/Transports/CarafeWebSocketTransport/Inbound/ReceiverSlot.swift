import CarafeWebSocketCodec

/// The one task that waits for the next message.
struct ReceiverSlot {
    typealias Continuation = UnsafeContinuation<Message?, any Error>

    private var continuation: Continuation?
    private var ticket = 0
    private var lastTicket = 0

    var isTaken: Bool { continuation != nil }

    /// Identifies a task from before it waits, so that a cancellation finds its own task and no other.
    mutating func makeTicket() -> Int {
        lastTicket += 1
        return lastTicket
    }

    mutating func put(_ continuation: Continuation, ticket: Int) {
        self.continuation = continuation
        self.ticket = ticket
    }

    /// Takes the task out, if one waits.
    mutating func take() -> Continuation? {
        defer { continuation = nil }
        return continuation
    }

    /// Takes the task with this ticket out, if it still waits.
    mutating func take(ticket: Int) -> Continuation? {
        ticket == self.ticket ? take() : nil
    }
}
