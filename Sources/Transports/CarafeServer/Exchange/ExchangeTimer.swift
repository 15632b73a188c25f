import CarafeRuntime
package import NIOCore

/// The timer of a connection or a stream, which knows what deadline it runs for.
// Lives on one event loop, as its owner does.
package final class ExchangeTimer {
    private let times: ClientTimes
    private let onExpiry: (Deadline) -> Void
    private var timer: DeadlineTimer?
    /// The deadline that runs; nil while there is none.
    package private(set) var deadline: Deadline?

    package init(
        eventLoop: any EventLoop, _ times: ClientTimes, onExpiry: @escaping (Deadline) -> Void
    ) {
        self.times = times
        self.onExpiry = onExpiry
        timer = DeadlineTimer(eventLoop: eventLoop) { [unowned self] in expire() }
    }

    /// Starts a deadline, in place of the one that runs, with the whole of its time or with another.
    package func set(_ deadline: Deadline, in time: TimeAmount? = nil) {
        self.deadline = deadline
        timer?.set(in: time ?? times[deadline])
    }

    package func clear() {
        deadline = nil
        timer?.clear()
    }

    /// Stops one deadline, and no other.
    package func clear(_ deadline: Deadline) {
        if self.deadline == deadline { clear() }
    }

    /// Lets go of everything.
    package func cancel() {
        deadline = nil
        timer?.cancel()
    }

    private func expire() {
        guard let passed = deadline else { return }
        deadline = nil
        onExpiry(passed)
    }
}
