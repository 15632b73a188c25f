import CarafeHTTP1
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

    /// Returns the values of all lines with a name, which is in lower case.
    package func values(of name: String) -> [String] { section.values(of: name) }

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
        let section = section
        return section.map { line in (section[line.name], section[line.value]) }
    }

    /// Replaces all lines with a name by one line.
    package mutating func replace(_ name: HTTPField.Name, with value: String) {
        remove(name)
        lines.writeString("\(name.rawName): \(value)\r\n")
    }

    /// Removes all lines with a name.
    package mutating func remove(_ name: HTTPField.Name) {
        let section = section
        var kept = ByteBuffer()
        for line in section where !section[line.name].hasBytesIgnoringCase(of: name.canonicalName) {
            let bytes = line.name.lowerBound..<line.value.upperBound
            kept.writeBytes(lines.readableBytesView.dropFirst(bytes.lowerBound).prefix(bytes.count))
            kept.writeStaticString("\r\n")
        }
        lines = kept
    }

    /// Returns whether there is a line with a name.
    public func contains(_ name: HTTPField.Name) -> Bool {
        section.contains(name.canonicalName)
    }

    /// Returns whether there is a field whose name begins with `start`, which is in lower case.
    package func containsName(startingWith start: String) -> Bool {
        let section = section
        return section.contains { line in
            let beginning = line.name.prefix(start.utf8.count)
            return section[beginning.startIndex..<beginning.endIndex].hasBytesIgnoringCase(of: start)
        }
    }

    /// All fields as the type that other libraries know; each call makes a new value.
    public var fields: HTTPFields {
        var fields = HTTPFields()
        for (name, value) in pairs {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }

    private var section: FieldLines { FieldLines(lines) }
}
