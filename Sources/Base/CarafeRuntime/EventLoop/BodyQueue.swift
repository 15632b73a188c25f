package import NIOCore
import Synchronization

/// A bounded queue of the pieces of a body, from a connection (the one producer, on its event loop) to a handler (the
/// one consumer, anywhere).
///
/// The producer stops reading its socket when `push` returns false, and resumes when `onDemand` is called: when the
/// queue has space again, and when the consumer begins to wait.
package final class BodyQueue: Sendable {
    private struct State {
        var pieces: [ByteBuffer] = []
        var first = 0
        var byteCount = 0
        var isFull = false
        var ending: Result<Void, any Error>?
        var waiting: UnsafeContinuation<ByteBuffer?, any Error>?
    }

    private enum Answer {
        case piece(ByteBuffer, Bool)
        case end(Result<Void, any Error>)
        case wait
    }

    private let state = Mutex(State())
    private let limit: Int
    private let onDemand: @Sendable () -> Void

    /// Creates a queue.
    ///
    /// - Parameters:
    ///   - limit: The number of bytes in the queue from which it is full; the last piece may exceed it.
    ///   - onDemand: Called on the consumer's thread when the producer may resume.
    package init(limit: Int, onDemand: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.onDemand = onDemand
    }

    /// Adds a piece; after the end it does nothing.
    ///
    /// - Returns: Whether the producer may continue.
    package func push(_ piece: ByteBuffer) -> Bool {
        let (waiting, goesOn) = state.withLock { state -> (UnsafeContinuation<ByteBuffer?, any Error>?, Bool) in
            guard state.ending == nil else { return (nil, true) }
            if let waiting = state.waiting {
                state.waiting = nil
                return (waiting, true)
            }
            state.pieces.append(piece)
            state.byteCount += piece.readableBytes
            state.isFull = state.byteCount >= limit
            return (nil, !state.isFull)
        }
        waiting?.resume(returning: piece)
        return goesOn
    }

    /// Ends the queue; the consumer still gets the pieces that are in it.
    package func finish(throwing error: (any Error)? = nil) {
        let waiting = state.withLock { state -> UnsafeContinuation<ByteBuffer?, any Error>? in
            guard state.ending == nil else { return nil }
            state.ending = error.map { .failure($0) } ?? .success(())
            defer { state.waiting = nil }
            return state.waiting
        }
        if let error { waiting?.resume(throwing: error) } else { waiting?.resume(returning: nil) }
    }

    /// Whether the consumer waits, and so has processed all pieces.
    package var isWaitedFor: Bool { state.withLock { $0.waiting != nil } }

    /// Waits for the next piece. Only one task may call it at a time.
    ///
    /// - Returns: The piece, or nil at the end.
    /// - Throws: The error of `finish`, and `CancellationError`.
    package func next() async throws -> ByteBuffer? {
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

    private func takeReady() throws -> ByteBuffer?? {
        let (ready, demand) = try state.withLock { state -> (ByteBuffer??, Bool) in
            guard state.first < state.pieces.count else {
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

    private func take(_ state: inout State) -> (ByteBuffer, Bool) {
        let piece = state.pieces[state.first]
        state.byteCount -= piece.readableBytes
        state.first += 1
        if state.first == state.pieces.count {
            // An idle queue keeps no memory.
            state.pieces = []
            state.first = 0
        } else if state.first == 64 {
            state.pieces.removeFirst(64)
            state.first = 0
        }
        let demand = state.isFull && state.byteCount < limit
        if demand { state.isFull = false }
        return (piece, demand)
    }

    private func wait(_ continuation: UnsafeContinuation<ByteBuffer?, any Error>) {
        let answer = state.withLock { state -> Answer in
            precondition(state.waiting == nil, "two tasks wait for the same queue; receive in one of them")
            if state.first < state.pieces.count {
                let (piece, demand) = take(&state)
                return .piece(piece, demand)
            }
            if let ending = state.ending { return .end(ending) }
            // Under the lock, so that a later cancellation finds the continuation.
            if Task.isCancelled { return .end(.failure(CancellationError())) }
            state.waiting = continuation
            return .wait
        }
        switch answer {
        case .piece(let piece, let demand):
            if demand { onDemand() }
            continuation.resume(returning: piece)
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
