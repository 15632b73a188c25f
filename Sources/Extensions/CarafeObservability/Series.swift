import CoreMetrics
import Synchronization

/// A sample of a series, which is one line of the text: `name_suffix{labels,extra} value`.
struct Sample {
    var suffix = ""
    var extra: String?
    var value: String

    func text(_ label: String, _ dimensions: [String]) -> String {
        let labels = dimensions + (extra.map { [$0] } ?? [])
        return label + suffix + (labels.isEmpty ? "" : "{" + labels.joined(separator: ",") + "}") + " \(value)\n"
    }
}

/// The values of a metric with one set of labels: a series, in Prometheus' terms.
protocol Series: AnyObject, Sendable {
    /// The type of the metric, in Prometheus' terms.
    var type: String { get }
    var samples: [Sample] { get }
}

final class CounterSeries: Series, CounterHandler {
    private let value = Atomic<Int64>(0)

    let type = "counter"
    var samples: [Sample] { [Sample(value: "\(value.load(ordering: .relaxed))")] }

    func increment(by amount: Int64) {
        value.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() {
        value.store(0, ordering: .relaxed)
    }
}

final class GaugeSeries: Series, MeterHandler, FloatingPointCounterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    let type = "gauge"
    var samples: [Sample] { [Sample(value: number(value.withLock { $0 }))] }

    func set(_ value: Int64) {
        set(Double(value))
    }

    func set(_ value: Double) {
        self.value.withLock { $0 = value }
    }

    func increment(by amount: Double) {
        value.withLock { $0 += amount }
    }

    func decrement(by amount: Double) {
        value.withLock { $0 -= amount }
    }

    func record(_ value: Int64) {
        set(value)
    }

    func record(_ value: Double) {
        set(value)
    }

    func reset() {
        set(0.0)
    }
}

final class HistogramSeries: Series, TimerHandler, RecorderHandler {
    private struct State {
        var counts = [Int](repeating: 0, count: HistogramSeries.bounds.count)
        var count = 0
        var sum = 0.0
    }

    /// The upper bounds of the buckets: Prometheus' defaults, the largest of which is 10, and two more below, for
    /// handlers that take less than a millisecond.
    private static let bounds = [
        0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    private let unit: Double
    private let state = Mutex(State())

    init(unit: Double) {
        self.unit = unit
    }

    let type = "histogram"

    var samples: [Sample] {
        let state = state.withLock { $0 }
        let buckets = zip(Self.bounds, state.counts).map { bound, count in
            Sample(suffix: "_bucket", extra: "le=\"\(number(bound))\"", value: "\(count)")
        }
        return buckets + [
            Sample(suffix: "_bucket", extra: "le=\"+Inf\"", value: "\(state.count)"),
            Sample(suffix: "_sum", value: number(state.sum)), Sample(suffix: "_count", value: "\(state.count)"),
        ]
    }

    func record(_ value: Int64) {
        record(Double(value))
    }

    func record(_ value: Double) {
        let value = value * unit
        state.withLock { state in
            state.count += 1
            state.sum += value
            // A bucket includes all lower ones.
            for index in Self.bounds.indices where value <= Self.bounds[index] { state.counts[index] += 1 }
        }
    }

    func recordNanoseconds(_ duration: Int64) {
        record(Double(duration))
    }
}

/// Formats a number as Prometheus does: whole numbers have no fraction.
private func number(_ value: Double) -> String {
    Int64(exactly: value).map(String.init) ?? "\(value)"
}
