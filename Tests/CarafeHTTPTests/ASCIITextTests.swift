import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct ASCIITextTests {
    @Test("lowercases ASCII alone") func lowercasesASCIIAlone() {
        #expect("ABC xyz Ä".asciiLowercased.hasBytes(of: "abc xyz Ä"))
        #expect(!"\u{212A}eep".asciiLowercased.hasBytes(of: "keep"), "the sign of the kelvin is no k")
        #expect("Keep".hasBytesIgnoringCase(of: "kEEP") && !"\u{212A}eep".hasBytesIgnoringCase(of: "keep"))
    }

    @Test("compares and splits bytes") func comparesAndSplitsBytes() {
        #expect(!"e\u{301}".hasBytes(of: "é") && "é" == "e\u{301}")
        #expect("/\u{301}a".hasBytePrefix("/"))
        #expect("a;\u{301}b;"[...].bytes(splitAt: ";").map { Array($0.utf8) } == [[0x61], [0xCC, 0x81, 0x62], []])
    }
}
