public import HTTPTypes
package import NIOCore

/// The header fields of a request. They are kept as the bytes that were received, and parsed on demand.
///
/// A lookup scans the lines and allocates the result only.
public struct Headers: Sendable {
    /// The field lines, each `Name: value` and CRLF, as RFC 9112 §5 has them, checked by the reader.
    package var lines: ByteBuffer

    package init(lines: ByteBuffer) {
        self.lines = lines
    }

    /// Creates the fields of a request that is made by hand.
    public init(_ fields: HTTPFields = [:]) {
        lines = ByteBuffer()
        for field in fields {
            lines.writeString("\(field.name.rawName): \(field.value)\r\n")
        }
    }

    /// A copy of the fields in memory of its own.
    package var compacted: Headers { Headers(lines: ByteBuffer(bytes: lines.readableBytesView)) }

    /// The value of a field, or nil without one. The lines of one name are joined by a comma (RFC 9110 §5.3), those of
    /// `Cookie` by a semicolon.
    public subscript(name: HTTPField.Name) -> String? {
        let values = self[values: name]
        return values.count < 2 ? values.first : values.joined(separator: name == .cookie ? "; " : ", ")
    }

    /// The values of all lines with this name, in order.
    public subscript(values name: HTTPField.Name) -> [String] {
        self.values(of: name.canonicalName)
    }

    /// `wanted` is in lower case.
    package func values(of wanted: String) -> [String] {
        var values: [String] = []
        forEachLine { lineName, value in
            if equalsIgnoringCase(lineName, wanted) { values.append(String(decoding: value, as: UTF8.self)) }
        }
        return values
    }

    /// Returns the value of a field whose grammar is ASCII.
    ///
    /// To compare other text takes quadratic time in the worst case, which a client chooses.
    ///
    /// - Parameter name: The field's name.
    /// - Returns: The value, or nil without the field and for a value that is not ASCII.
    public func ascii(_ name: HTTPField.Name) -> String? {
        self[name].flatMap { value in value.utf8.allSatisfy { $0 < 0x80 } ? value : nil }
    }

    /// The names and values, in the order of the lines.
    public var pairs: [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        forEachLine { name, value in
            pairs.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        return pairs
    }

    /// Replaces all lines with a name by one line.
    package mutating func replace(_ name: HTTPField.Name, with value: String) {
        remove(name)
        lines.writeString("\(name.rawName): \(value)\r\n")
    }

    /// Removes all lines with a name.
    package mutating func remove(_ name: HTTPField.Name) {
        var kept = ByteBuffer()
        let canonical = name.canonicalName
        forEachLine { lineName, lineValue in
            guard !equalsIgnoringCase(lineName, canonical) else { return }
            kept.writeBytes(lineName)
            kept.writeStaticString(": ")
            kept.writeBytes(lineValue)
            kept.writeStaticString("\r\n")
        }
        lines = kept
    }

    /// Returns whether there is a line with a name.
    public func contains(_ name: HTTPField.Name) -> Bool {
        !self[values: name].isEmpty
    }

    /// Returns whether there is a field whose name begins with `start`, which is in lower case.
    package func containsName(startingWith start: String) -> Bool {
        var isFound = false
        forEachLine { name, _ in
            isFound = isFound || equalsIgnoringCase(name.prefix(start.utf8.count), start)
        }
        return isFound
    }

    /// All fields as the type that other libraries know; each call makes a new value.
    public var fields: HTTPFields {
        var fields = HTTPFields()
        forEachLine { name, value in
            guard let name = HTTPField.Name(String(decoding: name, as: UTF8.self)) else { return }
            fields.append(HTTPField(name: name, value: String(decoding: value, as: UTF8.self)))
        }
        return fields
    }

    private func forEachLine(
        _ body: (_ name: Slice<UnsafeRawBufferPointer>, _ value: Slice<UnsafeRawBufferPointer>) -> Void
    ) {
        // The pointer does not leave this call; a view for each line would retain the buffer each time.
        lines.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[..<end]
                rest = rest[(end + 1)...]
                guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
                body(line[..<colon], trimmed(line[(colon + 1)...]))
            }
        }
    }
}

/// Returns a value without the white space around it and the CR at its end (RFC 9112 §5.1).
private func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
    else { return bytes[bytes.endIndex...] }
    return bytes[first...last]
}

/// `canonical` is in lower case.
private func equalsIgnoringCase(_ bytes: Slice<UnsafeRawBufferPointer>, _ canonical: String) -> Bool {
    let wanted = canonical.utf8
    guard bytes.count == wanted.count else { return false }
    return zip(bytes, wanted).allSatisfy { byte, lower in
        byte == lower || (byte >= 0x41 && byte <= 0x5A && byte | 0x20 == lower)
    }
}
