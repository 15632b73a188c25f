import CarafeWebSocketCodec
import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct EntryEncodingsTests {
    private func entry(_ message: Message, isJSON: Bool = false, change: RoomChange? = nil) -> LogEntry {
        let post = change.map { RoomPost.change($0) } ?? RoomPost(message)
        let segment = LogSegment(epoch: "e", shift: 0, isJSON: isJSON)
        return LogEntry(post, after: LogEntry.End(), at: .uptimeNanoseconds(0), in: segment)
    }

    @Test("an item has the message of a typed room as it is, any other text as a string, and bytes in base64")
    func items() {
        #expect(String(buffer: entry(.text("{\"a\":1}"), isJSON: true).item) == #"{"id":"1-e","data":{"a":1}}"#)
        #expect(String(buffer: entry(.text("say \"hi\"")).item) == #"{"id":"1-e","data":"say \"hi\""}"#)
        #expect(String(buffer: entry(.binary([0, 255])).item) == #"{"id":"1-e","data":{"base64":"AP8="}}"#)
        #expect(String(buffer: entry(.text(""), change: .joined("ann")).item) == #"{"id":"1-e","joined":"ann"}"#)
    }

    @Test("WHATWG HTML §9.2: an event is one line of data, whatever lines its JSON has")
    func events() {
        #expect(String(buffer: entry(.text("{\r\n\"a\":\n1}"), isJSON: true).event) == "id: 1-e\ndata: {\"a\":1}\n\n")
        #expect(
            String(buffer: entry(.text(""), change: .left("ann")).event)
                == "id: 1-e\nevent: presence\ndata: {\"left\":\"ann\"}\n\n")
    }

    @Test("the frame of an item holds the item")
    func frames() {
        let entry = entry(.text("hello"))
        #expect(entry.itemFrame == FrameEncoder.encode(.message(.json(entry.item))))
    }

    @Test(
        "HTML §4.12.1.3: in a script no tag, comment or line separator is left",
        arguments: [
            ("</script>", "\\u003c/script\\u003e"), ("<!--", "\\u003c!--"), ("a\u{2028}b", "a\\u2028b"),
            ("\u{2029}", "\\u2029"), ("\u{2027}\u{2030}", "\u{2027}\u{2030}"), ("é 中 👩", "é 中 👩"),
        ])
    func scripts(json: String, escaped: String) {
        #expect(String(buffer: EntryEncodings.escapedForScript(ByteBuffer(string: json))) == escaped)
    }
}
