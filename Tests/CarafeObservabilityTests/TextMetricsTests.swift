import CarafeObservability
import CoreMetrics
import Testing

@Suite(.timeLimit(.minutes(10))) struct TextMetricsTests {
    private let metrics = TextMetrics()

    @Test("writes each kind in the text format of Prometheus") func writesEachKind() {
        Counter(label: "jobs", dimensions: [("queue", "a")], factory: metrics).increment(by: 3)
        Counter(label: "jobs", dimensions: [("queue", "b")], factory: metrics).increment()
        Gauge(label: "temperature", factory: metrics).record(21.5)
        let meter = Meter(label: "level", factory: metrics)
        meter.set(5)
        meter.decrement(by: 2)
        let recorder = Recorder(label: "size", factory: metrics)
        recorder.record(0.3)
        recorder.record(20)
        #expect(
            metrics.text == """
                # TYPE jobs counter
                jobs{queue="a"} 3
                jobs{queue="b"} 1
                # TYPE level gauge
                level 3
                # TYPE size histogram
                size_bucket{le="0.0001"} 0
                size_bucket{le="0.001"} 0
                size_bucket{le="0.005"} 0
                size_bucket{le="0.01"} 0
                size_bucket{le="0.025"} 0
                size_bucket{le="0.05"} 0
                size_bucket{le="0.1"} 0
                size_bucket{le="0.25"} 0
                size_bucket{le="0.5"} 1
                size_bucket{le="1"} 1
                size_bucket{le="2.5"} 1
                size_bucket{le="5"} 1
                size_bucket{le="10"} 1
                size_bucket{le="+Inf"} 2
                size_sum 20.3
                size_count 2
                # TYPE temperature gauge
                temperature 21.5

                """)
    }

    @Test("names and labels are made valid") func namesAndLabels() {
        Counter(label: "my.service-calls", dimensions: [("the-path", "a\\b\"c\nd")], factory: metrics).increment()
        Counter(label: "9lives", factory: metrics).increment()
        #expect(
            metrics.text == "# TYPE _lives counter\n_lives 1\n"
                + "# TYPE my_service_calls counter\nmy_service_calls{the_path=\"a\\\\b\\\"c\\nd\"} 1\n")
    }

    @Test("a metric that is made again continues") func aMetric() {
        for _ in 1...3 { Counter(label: "again", factory: metrics).increment() }
        #expect(metrics.text.hasSuffix("again 3\n"))
    }
}
