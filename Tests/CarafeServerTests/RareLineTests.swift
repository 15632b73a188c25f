import Logging
import NIOCore
import Synchronization
import Testing

@testable import CarafeServer

@Suite("RareLine", .timeLimit(.minutes(10)))
struct RareLineTests {
    @Test("a line is written at most once a minute")
    func once() {
        let lines = CountedLines()
        let line = RareLine(lines.logger)
        let start = NIODeadline.uptimeNanoseconds(1)
        for second in 0..<60 { line.write("a", at: start + .seconds(Int64(second))) }
        #expect(lines.texts == ["a"])
        line.write("b", at: start + .seconds(60))
        #expect(lines.texts == ["a", "b"])
    }
}

/// A log that keeps the texts of its lines.
final class CountedLines: Sendable {
    private let lines = Mutex<[String]>([])

    var texts: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: CountedLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.message)") }
        }
    }
}
