import HTTPTypes

extension Request {
    /// The one of `available` that the client likes best by its `Accept-Language` (RFC 9110 §12.5.4), else the first.
    ///
    /// A range matches a language with the same beginning: `zh-CN` takes `zh`, `zh` takes `zh-Hant` (RFC 4647 §3.4).
    public func language(among available: [String]) -> String? {
        guard let field = headers.ascii(.acceptLanguage) else { return available.first }
        let wanted = field.split(separator: ",").prefix(32).map(LanguageRange.init)
        var best: (language: String, quality: Double)?
        for range in wanted where range.quality > best?.quality ?? 0 {
            let language = available.first { language in
                // RFC 4647 §3.3.1: "*" stands for what no other range names.
                range.tag == "*" ? !wanted.contains { $0.matches(language) } : range.matches(language)
            }
            guard let language else { continue }
            best = (language, range.quality)
        }
        return best?.language ?? available.first
    }
}

private struct LanguageRange {
    let tag: String
    let quality: Double

    /// Reads `zh-CN;q=0.8`; without a weight it is 1.
    init(_ text: Substring) {
        let parts = text.split(separator: ";")
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        func trimmed(_ part: Substring) -> Substring { part.drop(while: isSpace).prefix { !isSpace($0) } }
        tag = parts.first.map { trimmed($0).lowercased() } ?? ""
        let weight = parts.dropFirst().map(trimmed).first { $0.hasPrefix("q=") }
        quality = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
    }

    func matches(_ language: String) -> Bool {
        let language = language.lowercased()
        return tag == language || tag.hasPrefix(language + "-") || language.hasPrefix(tag + "-")
    }
}
