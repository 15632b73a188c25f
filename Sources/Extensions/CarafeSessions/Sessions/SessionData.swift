import FoundationEssentials

/// The content of a session, in the form in which it is kept.
struct SessionData: Codable, Sendable, Equatable {
    /// The id: 128 random bits in base64url.
    var id: String
    /// The times of its creation and of the last save, in seconds since 1970.
    var created: Int
    var kept: Int
    /// The values by name, each as JSON.
    var values: [String: String] = [:]
    var flashes: [Flash] = []

    init(at now: Int) {
        id = Self.makeID()
        created = now
        kept = now
    }

    static func makeID() -> String { Data.random(16).base64URL }

    private enum CodingKeys: String, CodingKey {
        // Short keys: a cookie has 4 KiB.
        case id = "i"
        case created = "c"
        case kept = "k"
        case values = "v"
        case flashes = "f"
    }
}

/// A message for the next page that shows messages.
public struct Flash: Codable, Sendable, Equatable {
    /// The message.
    public var text: String
    /// The kind of message, such as a CSS class.
    public var category: String

    /// Creates a message.
    public init(_ text: String, category: String = "message") {
        self.text = text
        self.category = category
    }

    private enum CodingKeys: String, CodingKey {
        case text
        case category
    }
}
