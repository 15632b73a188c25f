public import Logging
import Synchronization

/// A line that an app under test wrote to its log.
public struct TestLogLine: Sendable, CustomStringConvertible {
    /// How grave it is.
    public let level: Logger.Level
    /// Its text.
    public let message: String
    /// Its metadata as text, that of its logger included: `request.id` is the request's.
    public let metadata: [String: String]

    public var description: String {
        let pairs = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        return "\(level): \(message)\(pairs.joined())"
    }
}

/// Collects the lines of a log.
final class TestLog: Sendable {
    /// The lines that are kept; the older half goes when there are more.
    private static let limit = 10_000

    private let kept = Mutex<[TestLogLine]>([])

    var lines: [TestLogLine] { kept.withLock { $0 } }

    func add(_ line: TestLogLine) {
        kept.withLock { lines in
            if lines.count == Self.limit { lines.removeFirst(Self.limit / 2) }
            lines.append(line)
        }
    }

    /// A logger whose lines come here, and go on to another.
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
