public import CarafeApp
public import CoreMetrics
import HTTPTypes
import Synchronization

/// A backend of swift-metrics that keeps the values in memory, and shows them in Prometheus' text format 0.0.4.
///
/// ```swift
/// let metrics = TextMetrics()
/// try app.install(RequestMetrics(factory: metrics))
/// app.get("/metrics") { _ in metrics }
/// ```
///
/// The page is for operators only: serve it from an app of its own behind another port, or authenticate its readers.
public final class TextMetrics: MetricsFactory, Reply {
    private struct Key: Hashable {
        var label: String
        var dimensions: [String]
    }

    private let series = Mutex<[Key: any Series]>([:])

    /// Creates a backend without metrics.
    public init() {}

    /// Responds with the text of all metrics.
    public func response(to request: Request) -> Response {
        Response(
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
            body: .text(text))
    }

    /// All metrics as text, sorted by name.
    public var text: String {
        let known = series.withLock { $0 }.sorted { left, right in
            (left.key.label, left.key.dimensions.joined()) < (right.key.label, right.key.dimensions.joined())
        }
        var text = ""
        var previous = ""
        for (key, series) in known {
            if key.label != previous { text += "# TYPE \(key.label) \(series.type)\n" }
            previous = key.label
            for sample in series.samples { text += sample.text(key.label, key.dimensions) }
        }
        return text
    }

    private func series<Wanted: Series>(
        _ label: String, _ dimensions: [(String, String)], _ make: () -> Wanted
    ) -> Wanted {
        let key = Key(label: Self.name(label), dimensions: dimensions.map { "\(Self.name($0))=\"\(Self.escape($1))\"" })
        return series.withLock { series in
            // One name used for two types: the later metric counts, and is not shown.
            if let known = series[key] { return known as? Wanted ?? make() }
            let made = make()
            series[key] = made
            return made
        }
    }

    /// Returns a name of the form `[a-zA-Z_:][a-zA-Z0-9_:]*`. Names of swift-metrics may have dots and dashes too.
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

    /// Creates a counter.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, CounterSeries.init)
    }

    /// Creates a counter of floating-point numbers.
    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)])
        -> any FloatingPointCounterHandler
    {
        series(label, dimensions, GaugeSeries.init)
    }

    /// Creates a gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, GaugeSeries.init)
    }

    /// Creates a histogram, or a gauge if it does not aggregate.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate {
            series(label, dimensions) { HistogramSeries(unit: 1) }
        } else {
            series(label, dimensions, GaugeSeries.init)
        }
    }

    /// Creates a histogram of times, shown in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions) { HistogramSeries(unit: 1e-9) }
    }

    // A metric is never removed: it would start at zero again.
    /// Keeps the counter.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Keeps the counter.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// Keeps the gauge.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Keeps the histogram.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Keeps the histogram.
    public func destroyTimer(_ handler: any TimerHandler) {}
}
