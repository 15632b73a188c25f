import CarafeHTTP
import CarafeRuntime
public import NIOCore
import Synchronization

/// A response that is read piece by piece while the app produces it.
///
/// It applies backpressure as a slow client does: while 64 KiB are waiting, a write of the app suspends.
public final class TestStream: AsyncSequence, Sendable {
    private struct State {
        var isOver = false
        var demands = 0
        var writers: [CheckedContinuation<Void, Never>] = []
    }

    /// The status and the header fields. The body comes from `next()`.
    public let response: TestResponse
    private let queue: BodyQueue
    private let state: Shared

    /// The part that the queue calls back, so that it does not retain the stream.
    private final class Shared: Sendable {
        let state = Mutex(State())

        /// Resumes the writers that wait.
        func release(andEnd isOver: Bool = false) {
            let writers = state.withLock { state in
                if isOver { state.isOver = true }
                state.demands += 1
                defer { state.writers = [] }
                return state.writers
            }
            for writer in writers { writer.resume() }
        }
    }

    init(_ response: TestResponse) {
        let state = Shared()
        self.response = response
        self.state = state
        queue = BodyQueue(limit: 64 << 10) { state.release() }
    }

    /// Waits for the next piece that the app writes.
    ///
    /// - Returns: The piece, or nil at the end.
    /// - Throws: The error of the app's closure.
    public func next() async throws -> ByteBuffer? {
        try await queue.next()
    }

    /// Waits for the next piece, and returns it as text.
    ///
    /// - Returns: The text, or nil at the end.
    /// - Throws: The error of the app's closure.
    public func nextText() async throws -> String? {
        try await next().map { String(buffer: $0) }
    }

    /// An iterator over the pieces.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let stream: TestStream

        /// Waits for the next piece.
        public func next() async throws -> ByteBuffer? { try await stream.next() }
    }

    /// Returns an iterator over the pieces that are still to come.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }

    /// Receives the body that the app writes, to its end, as a socket does.
    func take(_ response: Response) async {
        do {
            if case .stream(let produce) = response.body {
                let now = { @Sendable [self] piece in try takeNow(piece) }
                try await produce(BodyWriter(now: now) { [self] piece in try await take(piece) })
            } else {
                try await take(try await response.body.collect())
            }
            response.reportEnd(.sent)
            queue.finish()
        } catch {
            response.reportEnd(.brokenOff)
            queue.finish(throwing: error)
        }
    }

    /// Accepts a piece if the reader is waiting for one.
    private func takeNow(_ piece: ByteBuffer) throws -> Bool {
        if state.state.withLock({ $0.isOver }) { throw ChannelError.ioOnClosedChannel }
        guard queue.isWaitedFor else { return false }
        _ = queue.push(piece)
        return true
    }

    private func take(_ piece: ByteBuffer) async throws {
        let (isOver, demands) = state.state.withLock { ($0.isOver, $0.demands) }
        if isOver { throw ChannelError.ioOnClosedChannel }
        guard !queue.push(piece) else { return }
        await withCheckedContinuation { continuation in
            let goesOn = state.state.withLock { state in
                // Another read has happened in the meantime.
                if state.isOver || state.demands != demands { return true }
                state.writers.append(continuation)
                return false
            }
            if goesOn { continuation.resume() }
        }
        if state.state.withLock({ $0.isOver }) { throw ChannelError.ioOnClosedChannel }
    }

    /// Ends the stream as a client does that leaves.
    func leave() {
        state.release(andEnd: true)
    }
}
