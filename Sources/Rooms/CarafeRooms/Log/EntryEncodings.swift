import CarafeEventStream
import CarafeWebSocketCodec
import FoundationEssentials
import NIOCore
import Synchronization

/// The encodings of an entry, one for each wire format of a room's route. Each is made when a subscriber first needs
/// it, and shared by all.
///
/// An item is JSON: `{"id":"4711-9f3c21d8","data":…}`. The data of a typed room is the message; in other rooms it is a
/// string, or `{"base64":"…"}` for a binary message.
struct EntryEncodings {
    private var data: ByteBuffer?
    private var item: ByteBuffer?
    private var frame: ByteBuffer?
    private var event: ByteBuffer?
    private var script: ByteBuffer?

    /// The typical number of bytes around the data of an item or an event.
    private static let envelopeSize = 64

    /// Returns the content of an item or an event: a change of presence as it is, or the data of a message.
    private mutating func content(_ entry: LogEntry) -> ByteBuffer {
        if entry.change != nil { return entry.message.bytes }
        let made = data ?? Self.data(entry.message, isJSON: entry.log.isJSON)
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
        if entry.change != nil {
            made.writeStaticString("\",")
            // An object of its own, without its brace.
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
        // The item shares the frame's bytes.
        item = made.getSlice(at: made.writerIndex - payload.readableBytes, length: payload.readableBytes)
        return made
    }

    /// Returns the event (WHATWG HTML §9.2). Its data is JSON in one line.
    mutating func event(_ entry: LogEntry) -> ByteBuffer {
        if let event { return event }
        let data = content(entry)
        var made = ByteBuffer()
        made.reserveCapacity(data.readableBytes + Self.envelopeSize)
        made.writeEventField(.id, "\(entry.position)")
        if entry.change != nil { made.writeEventField(.event, "presence") }
        made.writeEventField(.data, data)
        made.endEvent()
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
        // RFC 8259 §2: a line break can only stand between tokens. It would end the event's data.
        case .text where isJSON:
            let isOneLine = !message.bytes.readableBytesView.contains { $0 == 10 || $0 == 13 }
            if isOneLine { return message.bytes }
            return ByteBuffer(bytes: message.bytes.readableBytesView.filter { $0 != 10 && $0 != 13 })
        case .text: return string(message.text ?? "")
        case .binary:
            return ByteBuffer(string: "{\"base64\":\"\(Data(message.bytes.readableBytesView).base64EncodedString())\"}")
        }
    }

    /// Returns a text as a JSON string (RFC 8259 §7).
    static func string(_ text: String) -> ByteBuffer {
        // Encoding a string does not fail.
        (try? Message(json: text).bytes) ?? ByteBuffer(string: "\"\"")
    }

    /// Escapes JSON for a script element.
    ///
    /// WHATWG HTML §4.12.1.3: `</script` would end the script and `<!--` could hide its end. ECMA-262 before 2019 takes
    /// U+2028 and U+2029 for line ends.
    static func escapedForScript(_ json: ByteBuffer) -> ByteBuffer {
        var escaped = ByteBuffer()
        escaped.reserveCapacity(json.readableBytes + 16)
        let bytes = Array(json.readableBytesView)
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "<"): escaped.writeStaticString("\\u003c")
            case UInt8(ascii: ">"): escaped.writeStaticString("\\u003e")
            case 0xE2 where bytes[index...].starts(with: [0xE2, 0x80, 0xA8]): escaped.writeStaticString("\\u2028")
            case 0xE2 where bytes[index...].starts(with: [0xE2, 0x80, 0xA9]): escaped.writeStaticString("\\u2029")
            case 0x80 where isSeparator(bytes, from: index - 1): break
            case 0xA8 where isSeparator(bytes, from: index - 2), 0xA9 where isSeparator(bytes, from: index - 2): break
            default: escaped.writeInteger(byte)
            }
        }
        return escaped
    }

    private static func isSeparator(_ bytes: [UInt8], from index: Int) -> Bool {
        guard index >= 0 else { return false }
        let rest = bytes[index...]
        return rest.starts(with: [0xE2, 0x80, 0xA8]) || rest.starts(with: [0xE2, 0x80, 0xA9])
    }
}

extension Message {
    /// Creates a text message from JSON, which is UTF-8 (RFC 8259 §8.1) and needs no check.
    static func json(_ bytes: ByteBuffer) -> Message { Message(kind: .text, uncheckedBytes: bytes) }
}
