/// A path in a folder as a key: compared by its bytes, since a client can make comparing text cost the square of its
/// length.
struct FilePath: Hashable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: FilePath, right: FilePath) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: .init($0)) }
        // Never so for text that a request brought.
        if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
    }
}
