/// One input that a corpus begins with.
struct Seed {
    let bytes: [UInt8]

    init(_ parameters: [UInt8], _ bytes: [UInt8]) { self.bytes = parameters + bytes }

    init(_ parameters: [UInt8], text: String) { self.init(parameters, Array(text.utf8)) }
}

/// Bytes of an RFC's example, in hexadecimal with spaces as they like.
struct Example {
    let section: String
    let bytes: [UInt8]

    init(_ section: String, _ hexadecimal: String, then rest: [UInt8] = []) {
        let digits = hexadecimal.filter { !$0.isWhitespace }
        precondition(digits.count.isMultiple(of: 2), "expected pairs of digits in the example of \(section)")
        let starts = stride(from: 0, to: digits.count, by: 2)
        let bytes = starts.compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
        precondition(bytes.count == digits.count / 2, "expected hexadecimal digits in the example of \(section)")
        self.section = section
        self.bytes = bytes + rest
    }
}
