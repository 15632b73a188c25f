import Testing

@testable import CarafeRouting

@Suite(.timeLimit(.minutes(10))) struct PercentEncodingTests {
    @Test("RFC 3986 §2.3: unreserved characters stay") func keepsTheUnreserved() {
        let unreserved = "ABCXYZabcxyz0189-._~"
        #expect(PercentEncoding.encode(unreserved) == unreserved)
    }

    @Test("RFC 3986 §2.1: upper-case hexadecimal digits") func encodesTheRest() {
        #expect(PercentEncoding.encode("a b/ü%?#+&\u{7F}") == "a%20b%2F%C3%BC%25%3F%23%2B%26%7F")
        #expect(PercentEncoding.encode("a/b c", keeping: "/") == "a/b%20c")
    }

    @Test("decodes what it encoded", arguments: ["", "plain", "群聊 ☕️", "100%", "a/b", "\0\u{1}\n"])
    func decodesWhatEncoded(text: String) {
        #expect(PercentEncoding.decode(PercentEncoding.encode(text)) == text)
    }

    @Test("reads both cases of digits") func readsBothCases() {
        #expect(PercentEncoding.decode("%c3%BC") == "ü")
    }

    @Test(
        "refuses broken escapes and bytes that are not UTF-8",
        arguments: ["%", "%4", "a%", "%zz", "%%41", "%C3", "%C0%AE", "%FF", "%ED%A0%80", "%+1"])
    func refusesBrokenEscapes(text: String) {
        #expect(PercentEncoding.decode(text) == nil)
    }

    @Test("a plus is a plus") func aPlus() {
        #expect(PercentEncoding.decode("a+b%20c") == "a+b c")
    }
}
