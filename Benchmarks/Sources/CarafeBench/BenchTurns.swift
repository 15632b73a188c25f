import Carafe
import CarafeCompression
import CarafeWebSocket
import NIOCore

/// Handlers that have much to do, and await nothing but what they write to.
struct BenchTurns {
    private struct Entry: Encodable {
        var id: Int
        var name: String
        var tags: [String]
        var isOpen: Bool
    }

    private let json = ByteBuffer(
        string: "[" + Array(repeating: "\"12345678\"", count: (10 << 20) / 11).joined(separator: ",") + "]")
    /// The entries, as long as JSON.
    private let entries = (0..<140_000).map {
        Entry(id: $0, name: "entry \($0)", tags: ["first", "second"], isOpen: $0.isMultiple(of: 2))
    }
    private let text = Self.makeText(length: 100 << 20)

    func add(to app: inout App) throws {
        add(to: &app, under: "/turns")
        app.webSocket("/turns/messages") { socket in
            while true { try await socket.send("abcdefghijklmnopqrstuvwxyz") }
        }
        // The same as gzip, for a client that takes it.
        var compressed = App()
        try compressed.install(ResponseCompression())
        add(to: &compressed, under: "/turns")
        app.mount("/gzip", compressed)
    }

    private func add(to app: inout App, under prefix: String) {
        app.get(prefix + "/rows/<int:count>") { (_, count: Int) in rows(count) }
        app.get(prefix + "/slow/<int:count>") { (_, count: Int) in
            rows(count) { Self.compute(for: .milliseconds(10)) }
        }
        app.get(prefix + "/entries") { [entries] _ in entries }
        app.get(prefix + "/json") { [json] _ in
            Response(headers: [.contentType: "application/json"], body: .bytes(json))
        }
        app.get(prefix + "/text") { [text] _ in Response(headers: [.contentType: "text/csv"], body: .bytes(text)) }
    }

    private func rows(_ count: Int, _ work: @escaping @Sendable () -> Void = {}) -> Response {
        Response(headers: [.contentType: "text/csv"]) { writer in
            for row in 0..<count {
                work()
                try await writer.write("\(row),abcdefghijklmnopqrstuvwxyz\n")
            }
        }
    }

    private static func makeText(length: Int) -> ByteBuffer {
        let lines = ByteBuffer(string: (0..<1000).map { "\($0 &* 7919 % 1009),abcdefghijklmnopqrstuvwxyz\n" }.joined())
        var text = ByteBuffer()
        while text.readableBytes < length { text.writeImmutableBuffer(lines) }
        return text
    }

    private static func compute(for time: TimeAmount) {
        let end = NIODeadline.now() + time
        while NIODeadline.now() < end {}
    }
}
