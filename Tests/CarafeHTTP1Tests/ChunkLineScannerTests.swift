import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct ChunkLineScannerTests {
    /// The scanner after the whole text, if that is exactly one line.
    private static func scan(_ text: String) throws -> ChunkLineScanner? {
        var line = ChunkLineScanner()
        var isComplete = false
        for byte in text.utf8 {
            guard !isComplete else { return nil }
            isComplete = try line.take(byte)
        }
        return isComplete ? line : nil
    }

    @Test(
        "RFC 9112 §7.1: a size of up to 15 hexadecimal digits",
        arguments: [
            ("0", 0), ("5", 5), ("aF", 175), ("000000000000010", 16), ("fffffffffffffff", 0xFFF_FFFF_FFFF_FFFF),
        ])
    func size(text: String, expected: Int) throws {
        let line = try #require(try Self.scan(text + "\r\n"))
        #expect(line.size == expected)
        #expect(line.extensionBytes == 0)
    }

    @Test(
        "RFC 9112 §7.1: a size that is malformed",
        arguments: [
            "\r", "\n", " ", ";", "g", "-", "+", "0x", "5 \r", "5\n", "5\r\r", "5\r5", "5,", "5_", "1000000000000000",
            "0000000000000001", "5\0", "５",
        ])
    func invalidSize(text: String) {
        #expect(throws: RequestError.self) { try Self.scan(text) }
    }

    @Test(
        "RFC 9112 §7.1.1: extensions",
        arguments: [
            ";a", ";a=b", ";a=b;c", ";a;b;c=d", " ; a = b\t;\tc", ";a=\"\"", ";a=\"b;\\\"c\\\\ \té\"", ";a=\"b\" ;c",
            "\t;a",
        ])
    func extensions(text: String) throws {
        let line = try #require(try Self.scan("5" + text + "\r\n"))
        #expect(line.size == 5)
        #expect(line.extensionBytes == text.utf8.count)
    }

    @Test(
        "RFC 9112 §7.1.1: an extension that is malformed",
        arguments: [
            ";\r", ";;", ";=b", ";a=\r", ";a=;", ";a==", ";a b", ";a \r", ";a=b \r", ";a=b c", ";a=\"b\"c", ";a=\"\r",
            ";a=\"\n",
            ";a=\"\\\r", ";a=\"\0", ";a=\"b\" \r", ";a\n", ";a=b\n", ";a\0", ";é", " a", ";a=\"b\"=", ";a=b=",
        ])
    func invalidExtensions(text: String) {
        #expect(throws: RequestError.self) { try Self.scan("5" + text) }
    }
}
