import CarafeApp
import CarafeRuntime
public import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// Messages in and out.
extension WebSocket {
    /// The elements of the sequence.
    public typealias Element = Message

    /// The next message, in the order they were sent, or nil when the connection has ended.
    public func receive() async throws -> Message? {
        try await receive(isCancellable: isCalledElsewhere)
    }

    // In small functions that are not joined: a task keeps the memory of its deepest calls, for as long as it waits.
    private func receive(isCancellable: Bool) async throws -> Message? {
        guard executor.eventLoop.inEventLoop else { return try await receiveFromElsewhere() }
        guard let source else { return try await receiveFirst(isCancellable: isCancellable) }
        if let message = source.takeMessage() {
            if executor.isTurnOverAfterStep { await Task.yield() }
            return message
        }
        // A handler may ask again and again after the end.
        if !source.isOpen, executor.isTurnOver { await Task.yield() }
        if isCancellable { return try await source.waitForMessage() }
        // Unsafe, and here: see `wait`.
        return try await withUnsafeThrowingContinuation { source.wait($0) }
    }

    @inline(never)
    private func receiveFromElsewhere() async throws -> Message? {
        try await executor.run { [self] in try await receive(isCancellable: true) }
    }

    @inline(never)
    private func receiveFirst(isCancellable: Bool) async throws -> Message? {
        if case .closed = state { return nil }
        try await accept()
        return source == nil ? nil : try await receive(isCancellable: isCancellable)
    }

    /// Whether the caller is another task than the handler's own, of which nobody has a handle to cancel it.
    private var isCalledElsewhere: Bool {
        !executor.eventLoop.inEventLoop || withUnsafeCurrentTask { $0 != handlersTask }
    }

    /// An iterator over the messages of the connection, for one task.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let socket: WebSocket
        /// Asked once: an iterator stays in its task.
        fileprivate let isCancellable: Bool

        /// Waits for the next message; nil when the connection has ended.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Message? {
            try await socket.receive(isCancellable: isCancellable)
        }
    }

    /// Creates an iterator over the messages that were not received yet.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(socket: self, isCancellable: isCalledElsewhere)
    }

    /// Sends a message, and returns when the connection is writable again.
    ///
    /// - Throws: `WebSocketClosedError` when the peer is gone.
    public func send(_ message: Message) async throws {
        guard executor.eventLoop.inEventLoop else {
            return try await executor.run { [self] in try await send(message) }
        }
        if connection == nil { try await accept() }
        if !outboundSources.isEmpty { await drainSources() }
        do {
            let connection = try openConnection()
            if try !connection.write(message) { try await connection.waitForNext() }
        } catch {
            // A handler may go on in spite of the error.
            if executor.isTurnOver { await Task.yield() }
            throw error
        }
    }

    /// Sends a text message.
    public func send(_ text: String) async throws {
        try await send(.text(text))
    }

    /// Closes the connection: what was sent goes out first, and `receive` answers nil from here on.
    public func close(_ code: CloseCode = .normalClosure, reason: String = "") async throws {
        guard executor.eventLoop.inEventLoop else {
            return try await executor.run { [self] in try await close(code, reason: reason) }
        }
        if case .closed = state { return }
        try await accept()
        flushSources()
        connection?.close(code, reason: reason)
    }
}
