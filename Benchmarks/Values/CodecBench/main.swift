// CodecBench: the GiB/s of unmasking and of the check for UTF-8, for messages of four lengths, and the time in which a
// request is read, beside what the standard library and SwiftNIO have for the same.

import NIOCore

let works = [64, 1 << 10, 16 << 10, 1 << 20].map { Work(length: $0) }

func printRow(_ title: String, _ measure: (Work) -> Double) {
    let cells = works.map { work in
        let hundredths = Int((measure(work) * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
    print("| \(title) | \(cells.joined(separator: " | ")) |")
}

print("| GiB/s | 64 bytes | 1 KiB | 16 KiB | 1 MiB |")
print("|---|---:|---:|---:|---:|")
printRow("a copy in memory") { $0.memoryCopy() }
printRow("unmasking: Carafe's FrameDecoder, reading of frames included") { $0.frameDecoder() }
printRow("unmasking: NIOWebSocket's webSocketUnmask") { $0.nioUnmask() }
for script in Script.allCases {
    printRow("UTF-8, \(script.rawValue): Carafe's Message(utf8:)") { $0.message(script) }
    printRow("UTF-8, \(script.rawValue): UTF8Span(validating:)") { $0.utf8Span(script) }
    printRow("UTF-8, \(script.rawValue): String(validating:), a copy included") { $0.string(script) }
}
for script in Script.allCases {
    printRow("frames to messages, \(script.rawValue): Carafe's MessageDecoder") { $0.messageDecoder(script) }
}

print("\n| reading a browser's request of \(RequestReading.request.readableBytes) bytes | ns |")
print("|---|---:|")
for (title, time) in [
    ("Carafe's RequestReader", RequestReading.reader()),
    ("Carafe's RequestReader, as a handler in an EmbeddedChannel", try RequestReading.readerInChannel()),
    ("NIOHTTP1's HTTPRequestDecoder, as a handler in an EmbeddedChannel", try RequestReading.nioDecoder()),
    ("the bytes alone through an EmbeddedChannel", try RequestReading.emptyChannel()),
] {
    print("| \(title) | \(Int(time.rounded())) |")
}
