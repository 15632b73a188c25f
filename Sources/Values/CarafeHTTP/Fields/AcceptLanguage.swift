import HTTPTypes

extension Request {
    /// Returns the language that the client prefers by its `Accept-Language` (RFC 9110 §12.5.4), else the first.
    ///
    /// A range matches a language with the same beginning: `zh-CN` takes `zh`, `zh` takes `zh-Hant` (RFC 4647 §3.4).
    public func language(among available: [String]) -> String? {
        guard let field = headers[.acceptLanguage] else { return available.first }
        let wanted = WeightedList(field).elements
        var best: (language: String, quality: Int)?
        for range in wanted where range.quality > best?.quality ?? 0 {
            let language = available.first { language in
                // RFC 4647 §3.3.1: "*" matches every language that no other range names.
                range.value == "*"
                    ? !wanted.contains { Self.matches($0.value, language) } : Self.matches(range.value, language)
            }
            guard let language else { continue }
            best = (language, range.quality)
        }
        return best?.language ?? available.first
    }

    private static func matches(_ range: String, _ language: String) -> Bool {
        let language = language.lowercased()
        return range == language || range.hasPrefix(language + "-") || language.hasPrefix(range + "-")
    }
}
