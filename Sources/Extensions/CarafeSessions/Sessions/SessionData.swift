import FoundationEssentials

/// What a session holds, as it is kept.
struct SessionData: Codable, Sendable, Equatable {
    /// Unguessable: 128 bits in base64url.
    var id: String
    /// When it began and when it was kept last, in seconds since 1970.
    var created: Int
    var kept: Int
    /// The values by their names, each as JSON.
    var values: [String: String] = [:]
    var flashes: [Flash] = []

    init(at now: Int) {
        id = Self.makeID()
        created = now
        kept = now
    }

    static func makeID() -> String { Data.random(16).base64URL }

    private enum CodingKeys: String, CodingKey {
        // Short: a cookie has 4 KiB.
        case id = "i"
        case created = "c"
        case kept = "k"
        case values = "v"
        case flashes = "f"
    }
}

/// A message for the next page that shows some.
public struct Flash: Codable, Sendable, Equatable {
    public var text: String
    /// What kind it is, such as a CSS class.
    public var category: String

    public init(_ text: String, category: String = "message") {
        self.text = text
        self.category = category
    }

    private enum CodingKeys: String, CodingKey {
        case text
        case category
    }
}
