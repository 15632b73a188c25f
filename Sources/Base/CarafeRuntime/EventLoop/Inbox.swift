package import NIOCore
import Synchronization

/// A bounded queue from a connection (the one producer, on its event loop) to a handler (the one consumer, anywhere).
///
/// The producer stops reading its socket when `push` returns false, and resumes when `onDemand` is called: when the
/// queue has space again, and when the consumer begins to wait.
// Of one type and not generic: the elements' metadata would be looked up for each message.
package final class Inbox: Sendable {
    package typealias Element = Arrival

    private struct State {
        var elements: [(element: Element, cost: Int)] = []
        var first = 0
        var cost = 0
        var isFull = false
        var ending: Result<Void, any Error>?
        var waiting: UnsafeContinuation<Element?, any Error>?
    }

    private enum Answer {
        case element(Element, Bool)
        case end(Result<Void, any Error>)
        case wait
    }

    private let state = Mutex(State())
    private let limit: Int
    private let onDemand: @Sendable () -> Void

    /// Creates a queue.
    ///
    /// - Parameters:
    ///   - limit: The sum of the costs in the queue from which it is full; the last element may exceed it.
    ///   - onDemand: Called on the consumer's thread when the producer may resume.
    package init(limit: Int, onDemand: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.onDemand = onDemand
    }

    /// Adds an element; after the end it does nothing.
    ///
    /// - Returns: Whether the producer may continue.
    package func push(_ element: Element, cost: Int) -> Bool {
        let (waiting, goesOn) = state.withLock { state -> (UnsafeContinuation<Element?, any Error>?, Bool) in
            guard state.ending == nil else { return (nil, true) }
            if let waiting = state.waiting {
                state.waiting = nil
                return (waiting, true)
            }
            state.elements.append((element, cost))
            state.cost += cost
            state.isFull = state.cost >= limit
            return (nil, !state.isFull)
        }
        waiting?.resume(returning: element)
        return goesOn
    }

    /// Ends the queue; the consumer still gets the elements that are in it.
    package func finish(throwing error: (any Error)? = nil) {
        let waiting = state.withLock { state -> UnsafeContinuation<Element?, any Error>? in
            guard state.ending == nil else { return nil }
            state.ending = error.map { .failure($0) } ?? .success(())
            defer { state.waiting = nil }
            return state.waiting
        }
        if let error { waiting?.resume(throwing: error) } else { waiting?.resume(returning: nil) }
    }

    /// Whether the consumer waits, and so has processed all elements.
    package var isWaitedFor: Bool { state.withLock { $0.waiting != nil } }

    /// Waits for the next element. Only one task may call it at a time.
    ///
    /// - Returns: The element, or nil at the end.
    /// - Throws: The error of `finish`, and `CancellationError`.
    package func next() async throws -> Element? {
        if let ready = try takeReady() {
            // Many small pieces may be in the queue, and a consumer that works long on each must let others have their
            // turn.
            if ready != nil { await Task.yield() }
            return ready
        }
        return try await withTaskCancellationHandler {
            // Unsafe: each continuation leaves `waiting` once, under the lock, and is then resumed.
            try await withUnsafeThrowingContinuation { continuation in
                wait(continuation)
            }
        } onCancel: {
            cancel()
        }
    }

    private func takeReady() throws -> Element?? {
        let (ready, demand) = try state.withLock { state -> (Element??, Bool) in
            guard state.first < state.elements.count else {
                if let ending = state.ending {
                    try ending.get()
                    return (.some(nil), false)
                }
                return (nil, false)
            }
            return take(&state)
        }
        if demand { onDemand() }
        return ready
    }

    private func take(_ state: inout State) -> (Element, Bool) {
        let (element, cost) = state.elements[state.first]
        state.cost -= cost
        state.first += 1
        if state.first == state.elements.count {
            // An idle queue keeps no memory.
            state.elements = []
            state.first = 0
        } else if state.first == 64 {
            state.elements.removeFirst(64)
            state.first = 0
        }
        let demand = state.isFull && state.cost < limit
        if demand { state.isFull = false }
        return (element, demand)
    }

    private func wait(_ continuation: UnsafeContinuation<Element?, any Error>) {
        let answer = state.withLock { state -> Answer in
            precondition(state.waiting == nil, "two tasks wait for the same queue; receive in one of them")
            if state.first < state.elements.count {
                let (element, demand) = take(&state)
                return .element(element, demand)
            }
            if let ending = state.ending { return .end(ending) }
            // In the lock: a cancellation after it finds the continuation.
            if Task.isCancelled { return .end(.failure(CancellationError())) }
            state.waiting = continuation
            return .wait
        }
        switch answer {
        case .element(let element, let demand):
            if demand { onDemand() }
            continuation.resume(returning: element)
        case .end(.success): continuation.resume(returning: nil)
        case .end(.failure(let error)): continuation.resume(throwing: error)
        case .wait: onDemand()
        }
    }

    private func cancel() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(throwing: CancellationError())
    }
}

/// Bytes that a connection received.
package struct Arrival: Sendable, Equatable {
    package var bytes: ByteBuffer
    /// The connection's own mark, such as the opcode of a message.
    package var mark: UInt8

    package init(_ bytes: ByteBuffer, mark: UInt8 = 0) {
        self.bytes = bytes
        self.mark = mark
    }
}
