import NIOCore
import Testing

@testable import CarafeApp

@Suite struct JSONKeysTests {
    private func areTooLong(_ text: String) -> Bool {
        ByteBuffer(string: text).withUnsafeReadableBytes { JSONKeys.areTooLong(in: $0) }
    }

    @Test func findsALongName() {
        let name = String(repeating: "a", count: JSONKeys.limit + 1)
        #expect(areTooLong(#"{"\#(name)": 1}"#))
        #expect(areTooLong(#"[{"a": {"\#(name)"  :1}}]"#))
        #expect(!areTooLong(#"{"\#(name.dropLast())": 1}"#))
    }

    @Test func longValuesAreFine() {
        let text = String(repeating: "群", count: 100_000)
        #expect(!areTooLong(#"{"chat": "\#(text)", "list": ["\#(text)"]}"#))
    }

    @Test func escapesDoNotEndAString() {
        let name = String(repeating: #"\""#, count: JSONKeys.limit)
        #expect(areTooLong(#"{"\#(name)": 1}"#))
        #expect(!areTooLong(#"{"a": "\#(name)"}"#))
    }

    @Test(arguments: ["", "\"", "\"\\", "{", #"{"a"#, #"{"a":"b\"#])
    func brokenTextIsLeftToTheDecoder(text: String) {
        #expect(!areTooLong(text))
    }

    @Test func aDecoderNeverSeesALongName() {
        let marks = "e" + String(repeating: "\u{301}\u{323}", count: 100_000)
        #expect(throws: DecodingError.self) {
            try JSONCoders.standard.decode([String: Int].self, from: ByteBuffer(string: #"{"\#(marks)": 1}"#))
        }
    }
}
