import NIOCore
import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct RawSpanTests {
    @Test("RFC 9110 §5.5: the first control character is found at every offset, and nothing else is")
    func firstControl() {
        for byte in UInt8.min...UInt8.max {
            let isControl = byte < 0x20 || byte == 0x7F
            for length in 1...20 {
                for place in 0..<length {
                    var content = [UInt8](repeating: 0xE9, count: length)
                    content[place] = byte
                    // A later one must not win, nor be hidden.
                    if place + 1 < length { content[length - 1] = 0x0D }
                    let bytes = ByteBuffer(bytes: content)
                    let expected = isControl ? place : place + 1 < length ? length - 1 : length
                    #expect(bytes.readableBytesSpan.firstControl(in: 0..<length) == expected)
                }
            }
        }
    }

    @Test("RFC 9110 §5.6.2: the first byte outside a token is found at every offset")
    func firstNonToken() {
        for byte in UInt8.min...UInt8.max {
            let isToken = ByteSet.token.contains(byte)
            for place in 0..<20 {
                var content = Array("Sec-aZ-zA-Names-aZzA".utf8)
                content[place] = byte
                let bytes = ByteBuffer(bytes: content)
                #expect(bytes.readableBytesSpan.firstNonToken(in: 0..<20) == (isToken ? 20 : place))
            }
        }
    }

    @Test("the search for a control character stays in its range") func firstControlStays() {
        #expect(check("abc\rdefghijklmnop\r") { bytes, _ in bytes.firstControl(in: 4..<17) } == 17)
        #expect(check("ab") { bytes, _ in bytes.firstControl(in: 2..<2) } == 2)
    }

    @Test("the first byte outside of a class is found") func firstOutside() {
        #expect(check("abc: d") { bytes, range in bytes.first(outside: .token, in: range) } == 3)
        #expect(check("abc") { bytes, range in bytes.first(outside: .token, in: range) } == 3)
    }

    @Test("a name matches in any case, but is equal in one only") func matchesInAnyCase() {
        #expect(check("HoSt") { bytes, range in bytes.matches("host", in: range) })
        #expect(!check("hos") { bytes, range in bytes.matches("host", in: range) })
        #expect(!check("hostt") { bytes, range in bytes.matches("host", in: range) })
        #expect(!check("100\rcontinue") { bytes, range in bytes.matches("100-continue", in: range) })
        #expect(check("GET") { bytes, range in bytes.equals("GET", in: range) })
        #expect(!check("get") { bytes, range in bytes.equals("GET", in: range) })
    }

    @Test("RFC 9110 §5.6.3: whitespace is SP and HTAB", arguments: [" \t a b\t ", "a b", "a b  "])
    func trimmed(text: String) {
        #expect(check(text) { bytes, range in bytes.string(bytes.trimmed(range)) } == "a b")
    }

    @Test(
        "RFC 9110 §5.6.1: lists, empty elements skipped",
        arguments: [("a, b,c", ["a", "b", "c"]), (",, a\t,,", ["a"]), ("", []), (" , ", []), ("a", ["a"])])
    func nextElement(text: String, expected: [String]) {
        let elements = check(text) { bytes, range in
            var rest = range
            var elements: [String] = []
            while let element = bytes.nextElement(of: &rest) { elements.append(bytes.string(element)) }
            return elements
        }
        #expect(elements == expected)
    }
}
