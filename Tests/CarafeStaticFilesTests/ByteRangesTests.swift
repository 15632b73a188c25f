import Testing

@testable import CarafeStaticFiles

@Suite(.timeLimit(.minutes(10))) struct ByteRangesTests {
    @Test(
        "RFC 9110 §14.1.2",
        arguments: [
            ("bytes=0-0", 0..<1), ("bytes=0-9", 0..<10), ("bytes=2-4", 2..<5), ("bytes=9-", 9..<10),
            ("bytes=0-", 0..<10), ("bytes=5-999", 5..<10), ("bytes=-3", 7..<10), ("bytes=-10", 0..<10),
            ("bytes=-999", 0..<10), ("BYTES=1-2", 1..<3), ("bytes= 1-2 ", 1..<3),
            ("bytes=0-99999999999999999999999", 0..<10),
            ("bytes=-99999999999999999999999", 0..<10), ("bytes=0-9223372036854775807", 0..<10),
        ])
    func asksForAPart(field: String, range: Range<Int>) {
        #expect(ByteRanges(field, size: 10) == .parts([range]))
    }

    @Test("RFC 9110 §15.5.17", arguments: ["bytes=10-", "bytes=10-12", "bytes=99999999999999999999999-", "bytes=-0"])
    func unsatisfiable(field: String) {
        #expect(ByteRanges(field, size: 10) == .unsatisfiable)
    }

    @Test(
        "RFC 9110 §14.2: a range that is not understood is ignored",
        arguments: [
            "", "bytes", "bytes=", "bytes=-", "bytes=4-2", "bytes=a-b", "bytes=1", "bytes=1-2-3", "bytes=,",
            "bytes=0-1,x",
            "lines=0-1", "bytes=+1-2", "bytes=1-2=3", "bytes=0x1-2", "bytes=--1", "bytes=٣-4",
        ])
    func asksForTheWhole(field: String) {
        #expect(ByteRanges(field, size: 10) == .whole)
    }

    @Test("an empty file has no byte at any place", arguments: ["bytes=0-", "bytes=0-0", "bytes=-0"])
    func emptyFile(field: String) {
        #expect(ByteRanges(field, size: 0) == .unsatisfiable)
    }

    @Test("RFC 9110 §14.1.2: of a file shorter than the suffix, the suffix is all of it, even of an empty one")
    func longSuffix() {
        #expect(ByteRanges("bytes=-1", size: 0) == .whole)
        #expect(ByteRanges("bytes=-11", size: 10) == .parts([0..<10]))
    }

    @Test(
        "RFC 9110 §14.1.2: several, in the order of the request",
        arguments: [
            ("bytes=0-0,-1", [0..<1, 9..<10]), ("bytes=5-6, 1-2", [5..<7, 1..<3]), ("bytes=0-1,,4-5,", [0..<2, 4..<6]),
            ("bytes=0-1\t,\t2-3", [0..<2, 2..<4]), ("bytes=0-1,20-30", [0..<2]),
        ])
    func asksForParts(field: String, ranges: [Range<Int>]) {
        #expect(ByteRanges(field, size: 10) == .parts(ranges))
    }

    @Test(
        "RFC 9110 §14.1.2, §15.3.7.2: two ranges that overlap are valid, and sent as one",
        arguments: [
            ("bytes=5-7,6-9", [5..<10]), ("bytes=0-,0-", [0..<10]), ("bytes=0-4,4-5", [0..<6]),
            ("bytes=5-6,0-9", [0..<10]), ("bytes=-5,9-9", [5..<10]), ("bytes=8-8,3-5,0-0,4-6", [8..<9, 3..<7, 0..<1]),
        ])
    func asksForAPartTwice(field: String, ranges: [Range<Int>]) {
        #expect(ByteRanges(field, size: 10) == .parts(ranges))
    }

    @Test(
        "RFC 9110 §14.2: more than two overlapping ranges are answered with the whole",
        arguments: ["bytes=0-,0-,0-", "bytes=0-4,4-5,5-6", "bytes=0-1,1-2,5-6,6-7"])
    func asksForAPartThrice(field: String) {
        #expect(ByteRanges(field, size: 10) == .whole)
    }

    @Test("asks for too many parts") func asksForTooMany() {
        func field(_ count: Int) -> String {
            "bytes=" + (0..<count).map { "\(2 * $0)-\(2 * $0)" }.joined(separator: ",")
        }
        guard case .parts(let ranges) = ByteRanges(field(ByteRanges.limit), size: 1000) else {
            Issue.record("expected parts")
            return
        }
        #expect(ranges.count == ByteRanges.limit)
        #expect(ByteRanges(field(ByteRanges.limit + 1), size: 1000) == .whole)
    }

    @Test("asks for a range that does not exist") func asksForNone() {
        #expect(ByteRanges("bytes=20-30,40-", size: 10) == .unsatisfiable)
    }
}
