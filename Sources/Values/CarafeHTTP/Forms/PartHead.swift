import HTTPTypes
package import NIOCore

/// The information in a part's header fields (RFC 7578 §4.2).
package struct PartHead: Sendable, Equatable {
    package let name: String
    /// The file's name as the client sends it, which may be any text; nil for a field.
    package let fileName: String?
    package let contentType: String?

    /// Parses field lines, each with its CRLF.
    ///
    /// - Throws: 400, which names the fault.
    package init(_ lines: ByteBuffer) throws(HTTPError) {
        guard let text = String(validating: lines.readableBytesView, as: UTF8.self) else {
            throw HTTPError(.badRequest, "Expected the header fields of a part in UTF-8.")
        }
        var disposition: ParameterizedValue?
        var contentType: String?
        for line in try Self.lines(of: text) {
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { throw Self.malformed }
            let value = FieldValue.trimmed(line[line.utf8.index(after: colon)...])
            switch line[..<colon].lowercased() {
            case "content-disposition":
                // Of two fields another reader could use the other one.
                guard disposition == nil else { throw Self.malformed }
                disposition = ParameterizedValue(value)
            case "content-type": contentType = String(value)
            case "content-transfer-encoding": try Self.checkEncoding(value)
            // RFC 7578 §4.8: other fields are ignored.
            default: break
            }
        }
        guard let disposition, disposition.value == "form-data", let name = try Self.only("name", of: disposition)
        else {
            throw HTTPError(.badRequest, "Expected a part with Content-Disposition: form-data and a name.")
        }
        guard name.utf8.count <= Form.nameLimit else {
            throw HTTPError(.badRequest, "Expected names of at most \(Form.nameLimit) bytes.")
        }
        self.name = name
        // RFC 7578 §4.2: `filename*` must not be used, and so is not read.
        fileName = try Self.only("filename", of: disposition)
        self.contentType = contentType
    }

    /// Returns the lines without their ends. A lone CR or LF, a NUL, and a continuation line are errors.
    private static func lines(of text: String) throws(HTTPError) -> [Substring] {
        var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.removeLast().isEmpty, lines.allSatisfy({ $0.last == 0x0D }) else { throw malformed }
        let bare = lines.map { $0.dropLast() }
        guard !bare.contains(where: { $0.contains(0x0D) || $0.contains(0) }) else { throw malformed }
        return bare.map { Substring($0) }
    }

    private static func only(_ name: String, of disposition: ParameterizedValue) throws(HTTPError) -> String? {
        let values = disposition.parameters.filter { $0.name == name }
        guard values.count < 2 else { throw malformed }
        return values.first?.value
    }

    /// RFC 7578 §4.7: parts are sent without an encoding.
    private static func checkEncoding(_ value: Substring) throws(HTTPError) {
        guard value.utf8.count <= 8, ["7bit", "8bit", "binary"].contains(value.lowercased()) else {
            throw HTTPError(.badRequest, "Expected parts without a transfer encoding.")
        }
    }

    private static let malformed = HTTPError(.badRequest, "Expected the header fields of a part to be well formed.")
}
