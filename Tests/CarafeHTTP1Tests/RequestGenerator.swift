import TestSupport

/// Makes requests, most of them with something wrong in one place; the same ones for the same seed.
struct RequestGenerator {
    private var dice: SeededGenerator

    init(seed: UInt64) {
        dice = SeededGenerator(seed: seed)
    }

    /// One to three requests on one connection.
    mutating func next() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &dice) { bytes += request() }
        if chance(0.15) { disturb(&bytes) }
        return bytes
    }

    private mutating func request() -> [UInt8] {
        var text = chance(0.05) ? pick(["\r\n", "\n", "\r\n\r\n", " "]) : ""
        text += line()
        for field in fields() { text += field + lineEnd() }
        text += lineEnd()
        return Array(text.utf8) + body
    }

    /// The content that the fields that were drawn last announce.
    private var body: [UInt8] = []

    private mutating func line() -> String {
        let method = mostly(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"], or: ["get", "FROB", "G@T", ""])
        let target = mostly(
            ["/", "/a/b?c=d", "/%41/../x", "http://a.example/x?y", "//x"],
            or: ["*", "", "/a b", "/\t", "/ä", "/a#b", "x", "https://", "/\u{7F}"])
        let version = mostly(
            ["HTTP/1.1", "HTTP/1.1", "HTTP/1.0"],
            or: ["HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1", "HTTP/1.1 ", "HTTP/01.1", ""])
        return method + mostly([" "], or: ["  ", "\t"]) + target + " " + version + lineEnd()
    }

    private mutating func fields() -> [String] {
        var fields: [String] = mostly(
            [["Host: a.example"]], or: [[], ["Host: a", "Host: a"], ["Host: a b"], ["Host:"]])
        for _ in 0..<Int.random(in: 0...3, using: &dice) {
            fields.append(
                mostly(
                    [
                        "Accept: */*", "X: 1", "X:", "X:1 ", "X:\t1", "Connection: keep-alive, X",
                        "Expect: 100-continue",
                    ],
                    or: [
                        "x-ä: 1", "X : 1", " X: 1", "X", "X: a\u{0}b", "X: ä", "X: a\rb", ": 1", "X: a\u{1}",
                        "X\u{0}: 1", "Connection: close", "X: a\r\n b",
                    ]))
        }
        return (fields + framing()).shuffled(using: &dice)
    }

    private mutating func framing() -> [String] {
        let content = Array("hello".utf8)
        body = content
        switch Int.random(in: 0..<30, using: &dice) {
        case 0..<16:
            body = []
            return []
        case 16..<22: return ["Content-Length: 5"]
        case 22:
            return [
                pick([
                    "Content-Length: +5", "Content-Length: 5, 5", "Content-Length: 0x5", "Content-Length: 5 ",
                    "Content-Length: -5", "Content-Length: ", "Content-Length: 99999999999999999999",
                    "Content-Length:\t5",
                    "Content-Length: 05",
                ])
            ]
        case 23:
            return pick([
                ["Content-Length: 5", "Content-Length: 5"], ["Content-Length: 5", "Content-Length: 6"],
                ["Content-Length: 5", "Transfer-Encoding: chunked"],
            ])
        case 24:
            body = chunks()
            return [
                pick([
                    "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: gzip, chunked",
                    "Transfer-Encoding: identity",
                    "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked;q=1", "Transfer-Encoding:",
                    "Transfer-Encoding : chunked", "Transfer-Encoding: \u{B}chunked", "Transfer-Encoding: CHUNKED",
                    "Transfer-Encoding: chunked, gzip",
                ])
            ]
        default:
            body = chunks()
            return ["Transfer-Encoding: chunked"]
        }
    }

    private mutating func chunks() -> [UInt8] {
        let size =
            chance(0.7)
            ? "5"
            : pick(["05", "0x5", "+5", "5 ", " 5", "5;a=b", "5;", "5;a=\"b\"", "g", "", "F0000000000000000"])
        let trailer = chance(0.8) ? "" : pick(["X: 1\r\n", "X : 1\r\n", " X\r\n", "X\r\n"])
        return Array("\(size)\(lineEnd())hello\(lineEnd())0\(lineEnd())\(trailer)\(lineEnd())".utf8)
    }

    private mutating func lineEnd() -> String { chance(0.995) ? "\r\n" : pick(["\n", "\r", "\r\r\n", "\n\r"]) }

    /// Changes, adds or takes away a byte somewhere.
    private mutating func disturb(_ bytes: inout [UInt8]) {
        guard let index = bytes.indices.randomElement(using: &dice) else { return }
        switch Int.random(in: 0..<3, using: &dice) {
        case 0: bytes[index] = .random(in: 0...255, using: &dice)
        case 1: bytes.insert(.random(in: 0...255, using: &dice), at: index)
        default: bytes.remove(at: index)
        }
    }

    private mutating func mostly<Element>(_ good: [Element], or bad: [Element]) -> Element {
        pick(chance(0.95) ? good : bad)
    }

    private mutating func chance(_ probability: Double) -> Bool { .random(in: 0..<1, using: &dice) < probability }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &dice)]
    }
}
