import Logging
import Synchronization

/// The lines of a log, and a way to wait for one.
final class CapturedLog: LogHandler {
    private let state = Mutex<[String]>([])
    private let stream = AsyncStream.makeStream(of: String.self)

    var lines: [String] { state.withLock { $0 } }

    func first(where isWanted: (String) -> Bool) async {
        for await line in stream.stream where isWanted(line) { return }
    }

    func log(event: LogEvent) {
        let line = "\(event.message)"
        state.withLock { $0.append(line) }
        stream.continuation.yield(line)
    }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .info }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
}
