import GRDB
import Logging
import NIOCore
import Synchronization

/// The log lines of a file that cannot be written: one a minute.
final class FaultLog: Sendable {
    private static let interval = TimeAmount.minutes(1)

    private let path: String
    private let logger = Logger(label: "carafe.rooms")
    private let last = Mutex<NIODeadline?>(nil)

    init(path: String) {
        self.path = path
    }

    func note(_ error: any Error) {
        let isDue = last.withLock { last in
            let now = NIODeadline.now()
            guard last.map({ $0 + Self.interval <= now }) ?? true else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        logger.error(
            "messages cannot be kept, and are refused until they can",
            metadata: ["path": "\(path)", "problem": "\(RoomFile.problem(error, path))"])
    }
}
