import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct FieldLineScannerTests {
    private static let start = "GET / HTTP/1.1\r\nHost: a\r\n"

    // The texts end at the byte that is wrong: nothing more is waited for.
    @Test(
        "RFC 9112 §2.2 and §5: a field line that cannot be right is refused at its first wrong byte",
        arguments: [
            " ", "\t", " folded", ":", ": x", "A ", "A\t", "A\r", "A\n", "A\0", "A(", "A/", "A{", "A\u{7F}", "Ä", "\n",
            "\0",
            "A: \0", "A: \u{01}", "A: \u{0B}", "A: \u{1F}", "A: \u{7F}", "A: b\n", "A:\n", "A: b\rc", "A: b\r\r",
            "A: b\r\n ", "A: b\r\n\t", "A: b\r\n\n", "A: b\r\n\r\r", "\r\r", "\rA",
        ])
    func malformed(lines: String) {
        #expect(refusal(Self.start + lines) == 400)
    }

    @Test("RFC 9112 §2.2: no whitespace before the first field line", arguments: [" ", "\t", "\n", "\rH"])
    func whitespaceBeforeFirstField(text: String) {
        #expect(refusal("GET / HTTP/1.1\r\n" + text) == 400)
    }

    @Test(
        "RFC 9110 §5.5: values with HTAB, obs-text, or nothing",
        arguments: [
            ("A: b\tc", "b\tc"), ("A: é", "é"), ("A:", ""), ("A:  \t", ""), ("A:b:c", "b:c"),
            ("!#$%&'*+-.^_`|~09:x", "x"),
        ])
    func valid(line: String, value: String) throws {
        let head = try #require(requestHead(get(line)))
        let lines = Array(head.fields)
        #expect(lines.count == 2)
        #expect(head.fields[lines[1].value] == value)
    }

    @Test("RFC 6585 §5: 431 when the section is longer than the limit, before its end")
    func limit() {
        let limits = RequestReader.Limits(fieldSectionBytes: 20)
        // 9 + 9 + 2 bytes
        #expect(read("GET / HTTP/1.1\r\nHost: a\r\nB: cdef\r\n\r\n", limits: limits).count == 2)
        #expect(refusal("GET / HTTP/1.1\r\nHost: a\r\nB: cdefg\r\n\r\n", limits: limits) == 431)
        #expect(refusal("GET / HTTP/1.1\r\nHost: a\r\nB: cdefghi", limits: limits) == nil)
        #expect(refusal("GET / HTTP/1.1\r\nHost: a\r\nB: cdefghij", limits: limits) == 431)
        #expect(refusal(Self.start + "A: " + String(repeating: "b", count: 17000)) == 431)
        #expect(refusal(Self.start + String(repeating: "b", count: 17000)) == 431)
    }

    @Test("RFC 6585 §5: 431 for too many fields")
    func countLimit() {
        let line = "A: b\r\n"
        #expect(read(Self.start + String(repeating: line, count: 99) + "\r\n").count == 2)
        #expect(refusal(Self.start + String(repeating: line, count: 100)) == 431)
    }

    @Test("Limits as large as an Int do not overflow")
    func hugeLimits() {
        let limits = RequestReader.Limits(
            requestLineBytes: .max, fieldSectionBytes: .max, fieldCount: .max, chunkExtensionBytes: .max,
            trailerBytes: .max)
        #expect(read(chunked("1;a=b\r\nx\r\n0\r\nT: u\r\n\r\n"), limits: limits).count == 3)
    }

    @Test("no byte is scanned twice") func noByteIsScanned() throws {
        var scanner = FieldLineScanner()
        func step(_ text: String) throws -> FieldLineScanner.Step {
            try check(text) { bytes, _ in try scanner.next(bytes, limit: 100, countLimit: 100) }
        }
        guard case .incomplete = try step("Abc: d") else {
            Issue.record("complete too early")
            return
        }
        #expect(scanner.position == 6)
        // What was scanned is not looked at again: here it has become invalid.
        guard case .line(let name, let value) = try step("\n\n\n\n\n\ne\r\n") else {
            Issue.record("no line")
            return
        }
        #expect(name == 0..<3)
        #expect(value == 4..<7)
    }
}
