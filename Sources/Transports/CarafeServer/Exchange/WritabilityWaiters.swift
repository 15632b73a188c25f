package import CarafeRuntime
package import NIOCore

/// The tasks that wait for a client which does not keep up.
// Unchecked: touched on the connection's event loop only.
package final class WritabilityWaiters: @unchecked Sendable {
    private let executor: EventLoopExecutor
    private var waiters: [UnsafeContinuation<Void, any Error>] = []

    package init(_ executor: EventLoopExecutor) {
        self.executor = executor
    }

    /// Waits until the channel is writable.
    ///
    /// - Throws: `ChannelError.ioOnClosedChannel` when the exchange is over, or ends meanwhile.
    package func waitUntilWritable(_ context: ChannelHandlerContext?, _ exchange: Exchange) async throws {
        // A write that failed may have ended the exchange in its flush, and nobody would wake the task.
        guard !exchange.state.isOver else {
            // A handler may go on in spite of the error.
            if executor.isTurnOver { await Task.yield() }
            throw ChannelError.ioOnClosedChannel
        }
        if context?.channel.isWritable == false {
            // Unsafe: each continuation leaves `waiters` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { waiters.append($0) }
        }
    }

    /// Wakes all of them: the channel is writable.
    package func resume() {
        let woken = waiters
        waiters = []
        executor.turn { for waiter in woken { waiter.resume() } }
    }

    /// Wakes all of them with an error: the channel is closed.
    package func fail() {
        let woken = waiters
        waiters = []
        for waiter in woken { waiter.resume(throwing: ChannelError.ioOnClosedChannel) }
    }
}
