import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct HTMLEscapingTests {
    private func escaped(_ text: String) -> String {
        var output = ""
        output.append(escapingHTML: text)
        return output
    }

    @Test(
        "HTML §13.3 escapes the five characters",
        arguments: [
            ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;"),
        ])
    func escapes(character: String, reference: String) {
        #expect(escaped(character) == reference)
        #expect(escaped("é\(character)") == "é\(reference)")
        #expect(escaped("\(character)é") == "\(reference)é")
        #expect(
            escaped("a long text before \(character)\(character) and after")
                == "a long text before \(reference)\(reference) and after")
    }

    @Test("escapes no other ASCII character") func escapesNoOtherASCII() {
        let others = (0..<128).map { String(Unicode.Scalar(UInt8($0))) }.filter { !"&<>\"'".contains($0) }.joined()
        #expect(escaped(others) == others)
    }

    @Test("leaves all other characters", arguments: ["", "plain", "naïve 名前 👨‍👩‍👧‍👦", "\u{0}", "a b\r\n"])
    func leavesTheRest(text: String) {
        #expect(Array(escaped(text).utf8) == Array(text.utf8))
    }

    @Test("escapes an escape again") func escapesEscapeAgain() {
        #expect(escaped("&amp;") == "&amp;amp;")
    }

    // The accent joins "<" into one character, which must not hide it.
    @Test("escapes beneath a combining accent") func escapesBeneathACombining() {
        #expect(Array(escaped("<\u{338}").utf8) == Array("&lt;\u{338}".utf8))
    }
}
