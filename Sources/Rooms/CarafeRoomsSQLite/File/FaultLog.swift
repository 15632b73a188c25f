import Logging
import NIOCore
import Synchronization

/// The log lines of a file that cannot be used: one a minute for each use.
final class FaultLog: Sendable {
    /// A use of the file, and the message for its failure.
    enum Use: String {
        case write = "messages cannot be kept, and are refused until they can"
        case read = "messages cannot be read"
    }

    private static let interval = TimeAmount.minutes(1)

    private let path: String
    private let logger: Logger
    private let last = Mutex<[Use: NIODeadline]>([:])

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    func note(_ error: any Error, at use: Use, now: NIODeadline = .now()) {
        let isDue = last.withLock { last in
            guard last[use].map({ $0 + Self.interval <= now }) ?? true else { return false }
            last[use] = now
            return true
        }
        guard isDue else { return }
        logger.error(
            "\(use.rawValue)", metadata: ["path": "\(path)", "problem": "\(RoomFile.problem(error))"])
    }
}
