/// The values of `Cache-Control` for the files of a folder.
struct CacheRules: Sendable {
    /// For URLs that change with the file: a year, the longest meaningful time (RFC 9111 §5.2.2.1, RFC 8246).
    static let immutable = "public, max-age=31536000, immutable"
    /// For all other files: revalidate each time, which mostly results in 304.
    static let standard = "no-cache"

    private let rules: [(pattern: FilePattern, value: String)]

    init(_ rules: KeyValuePairs<String, String>) {
        self.rules = rules.map { (FilePattern($0.key), $0.value) }
    }

    /// Returns the value of the first rule that matches.
    func value(for path: String) -> String {
        rules.first { $0.pattern.matches(path) }?.value ?? Self.standard
    }
}
