public import CarafeHTTP
import CarafeRouting
import HTTPTypes

extension Response {
    /// Makes the response a download, even if the browser could display its content (RFC 6266).
    ///
    /// - Parameter name: The file name. Characters that do not belong in one (slashes, control characters) become `_`.
    public mutating func setDownloadName(_ name: String) {
        func replacing(_ text: String, where isReplaced: (Unicode.Scalar) -> Bool) -> String {
            String(String.UnicodeScalarView(text.unicodeScalars.map { isReplaced($0) ? "_" : $0 }))
        }
        let name = replacing(name, where: Self.isUnsafe)
        let ascii = replacing(name) { !$0.isASCII || $0 == "%" }
        // RFC 6266 §4.1: an ASCII form for clients that know no other, and the exact form (RFC 8187) where they differ.
        let right = ascii == name ? "" : "; filename*=UTF-8''" + PercentEncoding.encode(name)
        headers[.contentDisposition] = "attachment; filename=\"\(ascii)\"\(right)"
    }

    /// Whether a character separates folders, ends a quoted string, changes the direction of text, or is a control.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: scalar == "/" || scalar == "\\" || scalar == "\""
        }
    }
}
