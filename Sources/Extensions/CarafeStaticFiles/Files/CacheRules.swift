/// What `Cache-Control` says of each file.
struct CacheRules: Sendable {
    /// For addresses that change with the file: a year, the longest that means anything (RFC 9111 §5.2.2.1, RFC 8246).
    static let immutable = "public, max-age=31536000, immutable"
    /// Ask each time whether it has changed; the answer is mostly 304.
    static let standard = "no-cache"

    private let rules: [(pattern: FilePattern, value: String)]

    init(_ rules: KeyValuePairs<String, String>) {
        self.rules = rules.map { (FilePattern($0.key), $0.value) }
    }

    /// The first rule that matches counts.
    func value(for path: String) -> String {
        rules.first { $0.pattern.matches(path) }?.value ?? Self.standard
    }
}
