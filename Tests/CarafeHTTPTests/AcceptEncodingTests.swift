import CarafeHTTP
import Testing

@Suite(.timeLimit(.minutes(10))) struct AcceptEncodingTests {
    @Test(
        "RFC 9110 §12.5.3",
        arguments: [
            (nil, 0, 0.001), ("", 0, 0.001), ("gzip", 1, 0.001), ("GZIP;q=0.5", 0.5, 0.001), ("x-gzip", 1, 0.001),
            ("*", 1, 0.001), ("*;q=0.2", 0.2, 0.001), ("*;q=0", 0, 0), ("gzip, *;q=0", 1, 0), ("gzip;q=0, *", 0, 0.001),
            ("identity;q=0, *", 1, 0), ("identity;q=0.5, gzip;q=0.4", 0.4, 0.5), ("br", 0, 0.001),
            ("gzip, deflate, br, zstd", 1, 0.001), ("identity, *;q=0", 0, 1),
        ] as [(String?, Double, Double)])
    func qualities(field: String?, gzip: Double, identity: Double) {
        let accepted = AcceptEncoding(field)
        #expect(accepted.quality(of: "gzip") == gzip)
        #expect(accepted.quality(of: "identity") == identity)
    }

    @Test(
        "finds the preferred coding",
        arguments: [
            (nil, false), ("gzip", true), ("*", true), ("gzip;q=0", false), ("identity;q=0.5, gzip;q=0.4", false),
            ("identity;q=0.5, gzip;q=0.5", true), ("identity", false), ("gzip;q=0.001", true),
        ])
    func prefersACoding(field: String?, prefers: Bool) {
        #expect(AcceptEncoding(field).prefers("gzip") == prefers)
    }
}
