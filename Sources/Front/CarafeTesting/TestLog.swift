public import Logging
import Synchronization

/// A line that an app under test has logged.
public struct TestLogLine: Sendable, CustomStringConvertible {
    /// The level.
    public let level: Logger.Level
    /// The text.
    public let message: String
    /// The metadata as text, including that of the logger: `request.id` is the id of the request.
    public let metadata: [String: String]

    /// The line as text.
    public var description: String {
        let pairs = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        return "\(level): \(message)\(pairs.joined())"
    }
}

/// A log that collects the lines of an app.
final class TestLog: Sendable {
    /// The largest number of lines. Beyond it the older half is dropped.
    private static let limit = 10_000

    private let kept = Mutex<[TestLogLine]>([])

    var lines: [TestLogLine] { kept.withLock { $0 } }

    func add(_ line: TestLogLine) {
        kept.withLock { lines in
            if lines.count == Self.limit { lines.removeFirst(Self.limit / 2) }
            lines.append(line)
        }
    }

    /// Returns a logger that writes here, and forwards to another logger.
    func logger(forwardingTo other: Logger?) -> Logger {
        Logger(label: other?.label ?? "carafe.test") { _ in Collector(log: self, other: other) }
    }

    private struct Collector: LogHandler {
        let log: TestLog
        let other: Logger?
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            log.add(
                TestLogLine(
                    level: event.level, message: "\(event.message)", metadata: all.mapValues { "\($0)" }))
            other?.log(level: event.level, event.message, metadata: all)
        }
    }
}
