import Logging
import NIOCore
import Synchronization

/// A line of the log that is written at most once a minute, however often its reason comes.
final class RareLine: Sendable {
    private static let pause = TimeAmount.minutes(1)

    private let logger: Logger
    private let last = Mutex<NIODeadline?>(nil)

    init(_ logger: Logger) {
        self.logger = logger
    }

    func write(_ line: @autoclosure () -> String, at now: NIODeadline) {
        let isDue = last.withLock { last in
            if let before = last, now < before + Self.pause { return false }
            last = now
            return true
        }
        if isDue { logger.warning("\(line())") }
    }
}
