import CarafeRuntime
import CarafeWebSocketCodec

/// The names of all keys of an engine: those of a room begin with one that has the room's name as its hash tag.
struct RedisKeys: Sendable {
    /// The maximum length of a prefix, in bytes.
    static let prefixLimit = 64

    let prefix: String

    /// - Throws: `RedisPrefixError` for a prefix that is empty, long, or has a brace, which would be a hash tag.
    init(prefix: String) throws(RedisPrefixError) {
        let isPlain = prefix.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x7B && $0 != 0x7D }
        guard (1...Self.prefixLimit).contains(prefix.utf8.count), isPlain else {
            throw RedisPrefixError(prefix: prefix)
        }
        self.prefix = prefix
    }

    /// Returns the key of a room, of which the others are made, and its channel.
    func room(_ name: String) -> String { "\(prefix):{\(Self.tag(name))}" }

    /// The leases of all nodes.
    var nodes: String { "\(prefix):nodes" }

    /// The beginning of the keys with the claims of a node.
    var node: String { "\(prefix):node:" }

    func session(_ id: String) -> String { "\(prefix):session:\(id)" }

    /// Returns the key of a client in a limit. The client's name may be long, and an address is not kept as it is.
    func rate(_ limit: String, client: String) -> String {
        let digits = SHA1.digest("\(limit) \(client)".utf8).map { UInt64($0).hexadecimal.suffix(2) }
        return "\(prefix):rate:\(digits.joined())"
    }

    /// A hash tag ends at the first brace, so braces are percent-encoded.
    private static func tag(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == 0x7B || $0 == 0x7D || $0 == 0x25 }) else { return name }
        var tag = ""
        for character in name.unicodeScalars {
            switch character {
            case "%": tag += "%25"
            case "{": tag += "%7B"
            case "}": tag += "%7D"
            default: tag.unicodeScalars.append(character)
            }
        }
        return tag
    }
}

/// An error for a prefix of keys that cannot be used.
struct RedisPrefixError: Error, Equatable, CustomStringConvertible {
    let prefix: String

    var description: String {
        "expected 1 to \(RedisKeys.prefixLimit) visible ASCII characters without { and } for the prefix of keys in "
            + "Redis, found \"\(prefix)\""
    }
}
