import NIOCore
import TestSupport
import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct FieldLinesTests {
    private let fields = FieldLines(
        ByteBuffer(
            string: "Host: a\r\nX_y^:\t b\tc \r\nCookie:d\r\ncookie: e\r\nEmpty:\r\nCOOKIE: f:g\r\nCookies: h\r\n"))

    @Test("RFC 9110 §5.1: a name is the same in every case")
    func value() {
        #expect(fields.value(of: "host") == "a")
        #expect(fields.value(of: "x_y^") == "b\tc")
        #expect(fields.value(of: "x_y~") == nil)
        #expect(fields.value(of: "cookie") == "d")
        #expect(fields.value(of: "empty") == "")
        #expect(fields.value(of: "cookies") == "h")
        #expect(fields.value(of: "ookie") == nil)
        #expect(fields.value(of: "") == nil)
        #expect(fields.value(of: String(repeating: "longer-than-the-section", count: 9)) == nil)
    }

    @Test("RFC 9110 §5.2: all values of a repeated field, in their order")
    func values() {
        #expect(fields.values(of: "cookie") == ["d", "e", "f:g"])
        #expect(fields.values(of: "empty") == [""])
        #expect(fields.values(of: "none") == [])
        #expect(fields.contains("host"))
        #expect(!fields.contains("none"))
    }

    @Test("an iteration visits each field line once") func iteration() {
        let lines = fields.map { [fields[$0.name], fields[$0.value]] }
        #expect(
            lines == [
                ["Host", "a"], ["X_y^", "b\tc"], ["Cookie", "d"], ["cookie", "e"], ["Empty", ""], ["COOKIE", "f:g"],
                ["Cookies", "h"],
            ])
    }

    @Test("RFC 9110 §5.5: obs-text that is not UTF-8 is replaced")
    func obsText() {
        #expect(FieldLines(ByteBuffer(bytes: Array("A: b".utf8) + [0xE9, 0x0D, 0x0A])).value(of: "a") == "b\u{FFFD}")
    }

    @Test("no bytes make no event") func nothing() {
        #expect(Array(FieldLines(ByteBuffer())) == [])
        #expect(FieldLines(ByteBuffer()).value(of: "a") == nil)
    }

    @Test("any bytes are read without a trap") func anyBytesAreRead() {
        var generator = SeededGenerator(seed: 5)
        let alphabet = Array("aB: \t\r\n\0é".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0..<30, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            let fields = FieldLines(ByteBuffer(bytes: bytes))
            var length = 0
            for line in fields {
                length += fields[line.name].unicodeScalars.count + fields[line.value].unicodeScalars.count
            }
            #expect(length <= bytes.count)
            #expect(fields.values(of: "ab").count <= bytes.count)
        }
    }
}
