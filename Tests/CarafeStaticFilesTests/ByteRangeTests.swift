import Testing

@testable import CarafeStaticFiles

@Suite struct ByteRangeTests {
    @Test(
        "RFC 9110 §14.1.2",
        arguments: [
            ("bytes=0-0", 0..<1), ("bytes=0-9", 0..<10), ("bytes=2-4", 2..<5), ("bytes=9-", 9..<10),
            ("bytes=0-", 0..<10), ("bytes=5-999", 5..<10), ("bytes=-3", 7..<10), ("bytes=-10", 0..<10),
            ("bytes=-999", 0..<10), ("BYTES=1-2", 1..<3), ("bytes=0-99999999999999999999999", 0..<10),
            ("bytes=-99999999999999999999999", 0..<10), ("bytes=0-9223372036854775807", 0..<10),
        ])
    func asksForAPart(field: String, range: Range<Int>) {
        #expect(ByteRange(field, size: 10) == .part(range))
    }

    @Test("RFC 9110 §15.5.17", arguments: ["bytes=10-", "bytes=10-12", "bytes=99999999999999999999999-", "bytes=-0"])
    func asksForWhatIsNotThere(field: String) {
        #expect(ByteRange(field, size: 10) == .unsatisfiable)
    }

    @Test(
        "RFC 9110 §14.2: what is not understood is passed over",
        arguments: [
            "", "bytes", "bytes=", "bytes=-", "bytes=4-2", "bytes=a-b", "bytes=1", "bytes=1-2-3", "bytes=0-1,4-5",
            "lines=0-1", "bytes=+1-2", "bytes= 1-2", "bytes=1-2=3", "bytes=0x1-2", "bytes=--1", "bytes=٣-4",
        ])
    func asksForTheWhole(field: String) {
        #expect(ByteRange(field, size: 10) == .whole)
    }

    @Test(arguments: ["bytes=0-", "bytes=0-0", "bytes=-1"]) func anEmptyFileHasNoPart(field: String) {
        #expect(ByteRange(field, size: 0) == .unsatisfiable)
    }
}
