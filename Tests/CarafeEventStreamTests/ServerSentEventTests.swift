import NIOCore
import Testing

@testable import CarafeEventStream

@Suite(.timeLimit(.minutes(10))) struct ServerSentEventTests {
    @Test(
        "WHATWG HTML §9.2.5: CR, LF and CRLF end a line, and nothing else does",
        arguments: [
            ("hello", "data: hello\n\n"), ("", "data: \n\n"), ("a\nb", "data: a\ndata: b\n\n"),
            ("a\r\nb\rc", "data: a\ndata: b\ndata: c\n\n"), ("a\n", "data: a\ndata: \n\n"),
            ("\n\n", "data: \ndata: \ndata: \n\n"), ("\r\r\n", "data: \ndata: \ndata: \n\n"),
            (" a", "data:  a\n\n"), ("a\u{2028}b\u{85}c", "data: a\u{2028}b\u{85}c\n\n"),
            ("a\n\u{301}b", "data: a\ndata: \u{301}b\n\n"),
            ("data: x\n\nevent: y", "data: data: x\ndata: \ndata: event: y\n\n"),
        ])
    func data(data: String, text: String) {
        #expect(Array(ServerSentEvent(data: data).text.utf8) == Array(text.utf8))
    }

    @Test("the fields are before the data")
    func fields() {
        let event = ServerSentEvent(data: "1", event: "price", id: "7", retry: .milliseconds(1500))
        #expect(event.text == "event: price\nid: 7\nretry: 1500\ndata: 1\n\n")
    }

    @Test("§9.2.6: an empty id forgets the last one, and an empty name is left out")
    func emptyFields() {
        #expect(ServerSentEvent(data: "1", event: "", id: "").text == "id: \ndata: 1\n\n")
        #expect(ServerSentEvent(data: "1", retry: .seconds(-1)).text == "retry: 0\ndata: 1\n\n")
    }

    @Test("a name and an id stay on their line", arguments: ["\n", "\r", "\r\n", "\n\n", "\u{0}"])
    func lines(bad: String) {
        let text = ServerSentEvent(data: "1", event: "a\(bad)data: evil", id: "7\(bad)event: evil").text
        #expect(text == "event: adata: evil\nid: 7event: evil\ndata: 1\n\n")
    }

    @Test("a comment cannot become an event")
    func comments() {
        #expect(String(buffer: ServerSentEvent.comment("")) == ": \n\n")
        #expect(String(buffer: ServerSentEvent.comment("a\n\ndata: evil")) == ": a\n: \n: data: evil\n\n")
    }
}
