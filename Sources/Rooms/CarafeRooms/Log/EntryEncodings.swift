import CarafeEventStream
import CarafeWebSocketCodec
import FoundationEssentials
import NIOCore
import Synchronization

/// The encodings of an entry for the transports of a room's route, each made on first use and shared by all
/// subscribers.
///
/// An item is JSON: `{"id":"4711-9f3c21d8","data":…}`. Its data is the message of a typed room; in any other room it is
/// a string, or `{"base64":"…"}` for bytes.
struct EntryEncodings {
    private var data: ByteBuffer?
    private var item: ByteBuffer?
    private var frame: ByteBuffer?
    private var event: ByteBuffer?
    private var script: ByteBuffer?

    /// The typical size of an item or an event without its data, in bytes.
    private static let envelopeSize = 64

    /// Returns the content of an item or an event: a change unchanged, and otherwise the data.
    private mutating func content(_ entry: LogEntry) -> ByteBuffer {
        if entry.isChange { return entry.message.bytes }
        let made = data ?? Self.data(entry.message, isJSON: entry.segment.isJSON)
        data = made
        return made
    }

    mutating func item(_ entry: LogEntry) -> ByteBuffer {
        if let item { return item }
        let data = content(entry)
        var made = ByteBuffer()
        made.reserveCapacity(data.readableBytes + Self.envelopeSize)
        made.writeStaticString("{\"id\":\"")
        entry.position.write(to: &made)
        if entry.isChange {
            made.writeStaticString("\",")
            // A change is an object, whose brace is open already.
            made.writeBytes(data.readableBytesView.dropFirst())
        } else {
            made.writeStaticString("\",\"data\":")
            made.writeImmutableBuffer(data)
            made.writeStaticString("}")
        }
        item = made
        return made
    }

    mutating func frame(_ entry: LogEntry) -> ByteBuffer {
        if let frame { return frame }
        let payload = item(entry)
        let made = FrameEncoder.encode(.message(.json(payload)))
        frame = made
        // The item is a slice of the frame, so that its bytes are kept once.
        item = made.getSlice(at: made.writerIndex - payload.readableBytes, length: payload.readableBytes)
        return made
    }

    /// WHATWG HTML §9.2: JSON is one line.
    mutating func event(_ entry: LogEntry) -> ByteBuffer {
        if let event { return event }
        let data = content(entry)
        var made = ByteBuffer()
        made.reserveCapacity(data.readableBytes + Self.envelopeSize)
        made.writeEventField(.id, writingValue: entry.position.write)
        if entry.isChange { made.writeEventField(.event, "presence") }
        made.writeEventField(.data) { $0.writeImmutableBuffer(data) }
        made.writeEventEnd()
        event = made
        return made
    }

    mutating func script(_ entry: LogEntry) -> ByteBuffer {
        let made = script ?? Self.escapedForScript(item(entry))
        script = made
        return made
    }

    private static func data(_ message: Message, isJSON: Bool) -> ByteBuffer {
        switch message.kind {
        // RFC 8259 §2: JSON has line breaks only between tokens, and a field of an event ends at one.
        case .text where isJSON:
            let isOneLine = !message.bytes.readableBytesView.contains { $0 == 10 || $0 == 13 }
            if isOneLine { return message.bytes }
            return ByteBuffer(bytes: message.bytes.readableBytesView.filter { $0 != 10 && $0 != 13 })
        case .text: return string(message.text ?? "")
        case .binary:
            return ByteBuffer(string: "{\"base64\":\"\(Data(message.bytes.readableBytesView).base64EncodedString())\"}")
        }
    }

    /// Returns a text as a string in JSON (RFC 8259 §7).
    static func string(_ text: String) -> ByteBuffer {
        // The encoding of a string cannot fail.
        (try? Message(json: text).bytes) ?? ByteBuffer(string: "\"\"")
    }

    /// Returns JSON in a form for the script of a page.
    ///
    /// HTML §4.12.1.3: no end tag and no comment may begin in a script. ECMAScript before 2019 ends a line at U+2028
    /// and U+2029 (E2 80 A8 and E2 80 A9).
    static func escapedForScript(_ json: ByteBuffer) -> ByteBuffer {
        var escaped = ByteBuffer()
        escaped.reserveCapacity(json.readableBytes + 16)
        let bytes = json.readableBytesView
        var index = bytes.startIndex
        while index < bytes.endIndex {
            var length = 1
            switch bytes[index] {
            case UInt8(ascii: "<"): escaped.writeStaticString("\\u003c")
            case UInt8(ascii: ">"): escaped.writeStaticString("\\u003e")
            case 0xE2 where bytes[index...].starts(with: [0xE2, 0x80, 0xA8]):
                escaped.writeStaticString("\\u2028")
                length = 3
            case 0xE2 where bytes[index...].starts(with: [0xE2, 0x80, 0xA9]):
                escaped.writeStaticString("\\u2029")
                length = 3
            case let byte: escaped.writeInteger(byte)
            }
            index += length
        }
        return escaped
    }
}

extension Message {
    /// Creates a text message of JSON, which is UTF-8 (RFC 8259 §8.1) and needs no check.
    static func json(_ bytes: ByteBuffer) -> Message { Message(kind: .text, uncheckedBytes: bytes) }
}
