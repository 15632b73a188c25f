public import CarafeHTTP
import CarafeRouting
import HTTPTypes

extension Response {
    /// Makes it a download under a name, whatever the browser could show of it (RFC 6266).
    ///
    /// Any name may be given: what has no place in a file's name (slashes, control characters) becomes `_`.
    public mutating func setDownloadName(_ name: String) {
        func replacing(_ text: String, where isReplaced: (Unicode.Scalar) -> Bool) -> String {
            String(String.UnicodeScalarView(text.unicodeScalars.map { isReplaced($0) ? "_" : $0 }))
        }
        let name = replacing(name, where: Self.isUnsafe)
        let ascii = replacing(name) { !$0.isASCII || $0 == "%" }
        // RFC 6266 §4.1: for whoever knows no other; and the right one (RFC 8187) where that differs.
        let right = ascii == name ? "" : "; filename*=UTF-8''" + PercentEncoding.encode(name)
        headers[.contentDisposition] = "attachment; filename=\"\(ascii)\"\(right)"
    }

    /// What separates folders, ends a quoted string, or turns the direction of what is shown, and all controls.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: scalar == "/" || scalar == "\\" || scalar == "\""
        }
    }
}
