import NIOCore
import Testing

@testable import CarafeApp

@Suite(.timeLimit(.minutes(10))) struct JSONKeysTests {
    private func areTooLong(_ text: String) -> Bool {
        ByteBuffer(string: text).withUnsafeReadableBytes { JSONKeys.areTooLong(in: $0) }
    }

    @Test("finds a long name") func findsALongName() {
        let name = String(repeating: "a", count: JSONKeys.limit + 1)
        #expect(areTooLong(#"{"\#(name)": 1}"#))
        #expect(areTooLong(#"[{"a": {"\#(name)"  :1}}]"#))
        #expect(!areTooLong(#"{"\#(name.dropLast())": 1}"#))
    }

    @Test("long values are fine") func longValuesAreFine() {
        let text = String(repeating: "群", count: 100_000)
        #expect(!areTooLong(#"{"chat": "\#(text)", "list": ["\#(text)"]}"#))
    }

    @Test("escapes do not end a string") func escapesDoNotEnd() {
        let name = String(repeating: #"\""#, count: JSONKeys.limit)
        #expect(areTooLong(#"{"\#(name)": 1}"#))
        #expect(!areTooLong(#"{"a": "\#(name)"}"#))
    }

    @Test("malformed text is left to the decoder", arguments: ["", "\"", "\"\\", "{", #"{"a"#, #"{"a":"b\"#])
    func brokenTextIsLeft(text: String) {
        #expect(!areTooLong(text))
    }

    @Test("a decoder never sees a long name") func decoderNeverSees() {
        let marks = "e" + String(repeating: "\u{301}\u{323}", count: 100_000)
        #expect(throws: DecodingError.self) {
            try JSONCoders.standard.decode([String: Int].self, from: ByteBuffer(string: #"{"\#(marks)": 1}"#))
        }
    }
}
