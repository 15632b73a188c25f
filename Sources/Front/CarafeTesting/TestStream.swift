import CarafeHTTP
import CarafeRuntime
public import NIOCore
import Synchronization

/// A response that is read while the app makes it, piece by piece.
///
/// As a client that reads slowly does, it holds the app back: once 64 KiB wait, a write returns when some were taken.
public final class TestStream: AsyncSequence, Sendable {
    private struct State {
        var isOver = false
        var demands = 0
        var writers: [CheckedContinuation<Void, Never>] = []
    }

    /// The status and the header fields; the body is what `next()` gives.
    public let response: TestResponse
    private let inbox: Inbox
    private let state: Shared

    /// What the inbox calls back into, so that it holds no stream.
    private final class Shared: Sendable {
        let state = Mutex(State())

        /// Lets the writers that wait go on.
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
        inbox = Inbox(limit: 64 << 10) { state.release() }
    }

    /// The next piece that the app wrote, once it is there; nil at the end. Throws what the app's closure threw.
    public func next() async throws -> ByteBuffer? {
        try await inbox.next()?.bytes
    }

    /// The next piece as text.
    public func nextText() async throws -> String? {
        try await next().map { String(buffer: $0) }
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let stream: TestStream

        public func next() async throws -> ByteBuffer? { try await stream.next() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }

    /// Plays the socket for what the app writes, to its end.
    func take(_ response: Response) async {
        do {
            if case .stream(let produce) = response.body {
                let now = { @Sendable [self] piece in try takeNow(piece) }
                try await produce(BodyWriter(now: now) { [self] piece in try await take(piece) })
            } else {
                try await take(try await response.body.collect())
            }
            response.reportEnd(.sent)
            inbox.finish()
        } catch {
            response.reportEnd(.brokenOff)
            inbox.finish(throwing: error)
        }
    }

    /// Takes a piece if the reader waits for it.
    private func takeNow(_ piece: ByteBuffer) throws -> Bool {
        if state.state.withLock({ $0.isOver }) { throw ChannelError.ioOnClosedChannel }
        guard inbox.isWaitedFor else { return false }
        _ = inbox.push(Arrival(piece), cost: piece.readableBytes)
        return true
    }

    private func take(_ piece: ByteBuffer) async throws {
        let (isOver, demands) = state.state.withLock { ($0.isOver, $0.demands) }
        if isOver { throw ChannelError.ioOnClosedChannel }
        guard !inbox.push(Arrival(piece), cost: piece.readableBytes) else { return }
        await withCheckedContinuation { continuation in
            let goesOn = state.state.withLock { state in
                // Somebody read in the meantime.
                if state.isOver || state.demands != demands { return true }
                state.writers.append(continuation)
                return false
            }
            if goesOn { continuation.resume() }
        }
        if state.state.withLock({ $0.isOver }) { throw ChannelError.ioOnClosedChannel }
    }

    /// The client leaves.
    func leave() {
        state.release(andEnd: true)
    }
}
