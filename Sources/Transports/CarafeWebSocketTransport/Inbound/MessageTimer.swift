import CarafeHTTP
import CarafeRuntime
import NIOCore

/// Bounds the time from a message's first byte to its last; costs nothing while every message comes in one read.
// Lives on one event loop, as its owner does.
final class MessageTimer {
    private let timer: DeadlineTimer
    private let limit: TimeAmount
    private var isRunning = false

    init(limit: TimeAmount, eventLoop: any EventLoop, onExpiry: @escaping () -> Void) {
        self.limit = limit
        timer = DeadlineTimer(eventLoop: eventLoop, onExpiry: onExpiry)
    }

    /// A message goes on, which may be the one that runs already.
    func begin() {
        guard !isRunning else { return }
        restart()
    }

    /// Starts the whole time again.
    func restart() {
        isRunning = true
        timer.set(in: limit)
    }

    /// The message is whole.
    func end() {
        isRunning = false
        timer.clear()
    }

    func cancel() {
        timer.cancel()
    }
}
