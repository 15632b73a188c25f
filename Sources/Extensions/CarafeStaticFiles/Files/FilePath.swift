/// A path in a folder as a key. It is compared by its bytes, because a client could make the comparison of text take
/// quadratic time.
struct FilePath: Hashable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: FilePath, right: FilePath) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: .init($0)) }
        // Never for text of a request.
        if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
    }
}
