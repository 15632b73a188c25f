/// A pattern for files of a folder: `*.css` for names, `fonts/*` for paths.
///
/// `*` stands for any text without a slash, `**` for any text at all, and `?` for one byte other than a slash. A
/// pattern without a slash is compared with the file's name, any other with its path in the folder.
struct FilePattern: Sendable {
    private let pattern: [UInt8]
    private let isForPaths: Bool

    init(_ text: String) {
        isForPaths = text.utf8.contains(UInt8(ascii: "/"))
        // "/index.html" is the one in the folder itself.
        pattern = Array(text.utf8.first == UInt8(ascii: "/") ? text.utf8.dropFirst() : text.utf8[...])
    }

    func matches(_ path: String) -> Bool {
        let path = Array(path.utf8)
        let start = isForPaths ? 0 : path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return Self.matches(pattern[...], path[start...])
    }

    /// Whether a pattern matches. It comes from the developer, so that its backtracking cannot be used for an attack.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        let (star, question, slash) = (UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "/"))
        guard let first = pattern.first else { return text.isEmpty }
        guard first == star else {
            guard let byte = text.first, byte == first || (first == question && byte != slash) else { return false }
            return matches(pattern.dropFirst(), text.dropFirst())
        }
        let crosses = pattern.dropFirst().first == star
        let rest = pattern.drop { $0 == star }
        for end in text.startIndex...text.endIndex {
            if matches(rest, text[end...]) { return true }
            guard end < text.endIndex, crosses || text[end] != slash else { return false }
        }
        return false
    }
}
