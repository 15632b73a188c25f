public import CarafeApp
public import CoreMetrics
import HTTPTypes
import Synchronization

/// A backend of swift-metrics that keeps the figures in memory, and shows them as Prometheus reads them (text format
/// 0.0.4).
///
/// ```swift
/// let metrics = TextMetrics()
/// try app.install(RequestMetrics(factory: metrics))
/// app.get("/metrics") { _ in metrics }
/// ```
///
/// Such a page is for whoever watches the app: serve it on an app of its own, behind another port, or check who asks.
public final class TextMetrics: MetricsFactory, Reply {
    private struct Key: Hashable {
        var label: String
        var dimensions: [String]
    }

    private let figures = Mutex<[Key: any Figure]>([:])

    public init() {}

    public func response(to request: Request) -> Response {
        Response(
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
            body: .text(text))
    }

    /// All figures, sorted by their names.
    public var text: String {
        let known = figures.withLock { $0 }.sorted { left, right in
            (left.key.label, left.key.dimensions.joined()) < (right.key.label, right.key.dimensions.joined())
        }
        var text = ""
        var previous = ""
        for (key, figure) in known {
            if key.label != previous { text += "# TYPE \(key.label) \(figure.type)\n" }
            previous = key.label
            for line in figure.lines { text += line.text(key.label, key.dimensions) }
        }
        return text
    }

    private func figure<Wanted: Figure>(
        _ label: String, _ dimensions: [(String, String)], _ make: () -> Wanted
    ) -> Wanted {
        let key = Key(label: Self.name(label), dimensions: dimensions.map { "\(Self.name($0))=\"\(Self.escape($1))\"" })
        return figures.withLock { figures in
            // One name of two kinds: the later one counts for itself, and is not shown.
            if let known = figures[key] { return known as? Wanted ?? make() }
            let made = make()
            figures[key] = made
            return made
        }
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; swift-metrics has names with dots and dashes too.
    private static func name(_ text: String) -> String {
        let bytes = text.utf8.enumerated().map { index, byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): byte
            case UInt8(ascii: "0")...UInt8(ascii: "9") where index > 0: byte
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        figure(label, dimensions, Count.init)
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)])
        -> any FloatingPointCounterHandler
    {
        figure(label, dimensions, Level.init)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        figure(label, dimensions, Level.init)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { figure(label, dimensions) { Histogram(unit: 1) } } else { figure(label, dimensions, Level.init) }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        figure(label, dimensions) { Histogram(unit: 1e-9) }
    }

    // A figure stays: it would begin at zero again.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}
