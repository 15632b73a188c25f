import Logging
import Synchronization

/// The lines of a log.
final class LineLog: Sendable {
    let lines = Mutex<[String]>([])
    let requestIDs = Mutex<[String]>([])
}

struct LineLogHandler: LogHandler {
    let log: LineLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        log.lines.withLock { $0.append("\(event.message)") }
        let id = event.metadata?["request.id"] ?? metadata["request.id"]
        log.requestIDs.withLock { $0.append(id.map { "\($0)" } ?? "none") }
    }
}
