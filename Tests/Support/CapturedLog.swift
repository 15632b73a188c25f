package import Logging
import Synchronization

/// The lines of a log, each with its metadata, and a way to wait for one.
package final class CapturedLog: LogHandler {
    private let state = Mutex<[String]>([])
    private let stream = AsyncStream.makeStream(of: String.self)

    package init() {}

    package var lines: [String] { state.withLock { $0 } }

    package var logger: Logger { Logger(label: "test") { _ in self } }

    /// Waits for a line.
    package func first(where isWanted: (String) -> Bool) async {
        for await line in stream.stream where isWanted(line) { return }
    }

    package func log(event: LogEvent) {
        let metadata = event.metadata?.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ") ?? ""
        let line = "\(event.message) \(metadata)"
        state.withLock { $0.append(line) }
        stream.continuation.yield(line)
    }

    package var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    package var logLevel: Logger.Level {
        get { .info }
        set {}
    }

    package subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
}
