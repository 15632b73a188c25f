package import NIOCore
import Synchronization

/// A clock that the test, or the work that it does, moves on.
package final class ManualClock: Sendable {
    private let time = Mutex(NIODeadline.uptimeNanoseconds(1))

    package init() {}

    package var now: NIODeadline { time.withLock { $0 } }

    package func advance(by amount: TimeAmount) {
        time.withLock { $0 = $0 + amount }
    }
}
