package import NIOCore

/// One timer whose deadline moves often: moving it later costs a store, not a new timer.
// Used on one event loop, as its owner is.
package final class DeadlineTimer {
    private let eventLoop: any EventLoop
    private let onExpiry: () -> Void
    private var deadline: NIODeadline?
    private var scheduled: Scheduled<Void>?
    private var firesAt = NIODeadline.distantFuture

    package init(eventLoop: any EventLoop, onExpiry: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.onExpiry = onExpiry
    }

    package func set(in amount: TimeAmount) {
        let deadline = eventLoop.now + amount
        self.deadline = deadline
        if deadline < firesAt { schedule(deadline) }
    }

    /// Stops the timer until the next `set`; a callback that is scheduled already does nothing.
    package func clear() {
        deadline = nil
    }

    /// Stops the timer and cancels the scheduled callback, which retains it.
    package func cancel() {
        deadline = nil
        scheduled?.cancel()
        scheduled = nil
        firesAt = .distantFuture
    }

    private func schedule(_ time: NIODeadline) {
        scheduled?.cancel()
        firesAt = time
        scheduled = eventLoop.assumeIsolated().scheduleTask(deadline: time) { self.fire() }
    }

    private func fire() {
        scheduled = nil
        firesAt = .distantFuture
        guard let deadline else { return }
        if deadline > eventLoop.now {
            schedule(deadline)
        } else {
            self.deadline = nil
            onExpiry()
        }
    }
}
