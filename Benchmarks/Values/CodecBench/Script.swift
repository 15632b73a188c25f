import NIOCore

/// The script of a text, on which the cost of checking its UTF-8 depends.
enum Script: String, CaseIterable {
    case ascii = "ASCII"
    case chinese = "Chinese"
    case mixed = "JSON with Chinese"

    private var passage: String {
        switch self {
        case .ascii: "The quick brown fox jumps over the lazy dog, and then it has a cup of coffee. "
        case .chinese: "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。"
        case .mixed: #"{"id":4711,"user":"王小明","at":"2026-11-23T08:30:00Z","text":"你好 everybody, 早上好！"},"#
        }
    }

    /// Whole characters, filled up with spaces to just so many bytes.
    func text(bytes: Int) -> ByteBuffer {
        var text = ByteBuffer()
        for character in repeatElement(passage, count: bytes / passage.utf8.count + 1).joined() {
            guard text.readableBytes + String(character).utf8.count <= bytes else { break }
            text.writeString(String(character))
        }
        text.writeRepeatingByte(UInt8(ascii: " "), count: bytes - text.readableBytes)
        return text
    }
}
