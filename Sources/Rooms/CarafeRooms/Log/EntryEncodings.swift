import CarafeWebSocketCodec
import FoundationEssentials
import NIOCore
import Synchronization

/// The bytes of an entry for each way of reading a room's route, made when first asked for and then shared by all.
///
/// An item is JSON: `{"id":"4711-9f3c21d8","data":…}`. The data of a typed room is its message, that of any other a string,
/// or `{"base64":"…"}` for bytes.
struct EntryEncodings {
    private var data: ByteBuffer?
    private var item: ByteBuffer?
    private var frame: ByteBuffer?
    private var event: ByteBuffer?
    private var script: ByteBuffer?

    /// Typical bytes around the data of an item or an event, its position among them.
    private static let envelopeSize = 64

    /// What an item or an event is about: a change as it is, the data of any other.
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
        // The same bytes once.
        item = made.getSlice(at: made.writerIndex - payload.readableBytes, length: payload.readableBytes)
        return made
    }

    /// WHATWG HTML §9.2: JSON is one line.
    mutating func event(_ entry: LogEntry) -> ByteBuffer {
        if let event { return event }
        let data = content(entry)
        var made = ByteBuffer()
        made.reserveCapacity(data.readableBytes + Self.envelopeSize)
        made.writeStaticString("id: ")
        entry.position.write(to: &made)
        made.writeStaticString(entry.change == nil ? "\ndata: " : "\nevent: presence\ndata: ")
        made.writeImmutableBuffer(data)
        made.writeStaticString("\n\n")
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
        // RFC 8259 §2: line breaks are only ever between the tokens, and an event would end at one.
        case .text where isJSON:
            let isOneLine = !message.bytes.readableBytesView.contains { $0 == 10 || $0 == 13 }
            if isOneLine { return message.bytes }
            return ByteBuffer(bytes: message.bytes.readableBytesView.filter { $0 != 10 && $0 != 13 })
        case .text: return string(message.text ?? "")
        case .binary:
            return ByteBuffer(string: "{\"base64\":\"\(Data(message.bytes.readableBytesView).base64EncodedString())\"}")
        }
    }

    /// RFC 8259 §7.
    static func string(_ text: String) -> ByteBuffer {
        // A string always encodes.
        (try? Message(json: text).bytes) ?? ByteBuffer(string: "\"\"")
    }

    /// HTML §4.12.1.3: no end of the script, and no comment that hides it, begins inside; ECMA-262 before 2019 takes two
    /// separators for line ends.
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
    /// JSON is UTF-8 (RFC 8259 §8.1), so that there is nothing to check.
    static func json(_ bytes: ByteBuffer) -> Message { Message(kind: .text, uncheckedBytes: bytes) }
}
