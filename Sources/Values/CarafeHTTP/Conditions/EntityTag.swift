/// An entity tag (RFC 9110 §8.8.3): `"v2"`, or `W/"v2"` if it is weak.
package struct EntityTag: Sendable, Equatable {
    package let isWeak: Bool
    /// The text between the quotation marks.
    package let opaque: Substring

    /// Parses a text that is one tag; nil for any other.
    package init?(_ text: some StringProtocol) {
        var rest = Substring(text)[...]
        guard let tag = EntityTag(readingFrom: &rest), rest.isEmpty else { return nil }
        self = tag
    }

    private init(isWeak: Bool, opaque: Substring) {
        self.isWeak = isWeak
        self.opaque = opaque
    }

    /// RFC 9110 §8.8.3: `etagc = %x21 / %x23-7E / obs-text`. A backslash is an ordinary character.
    fileprivate init?(readingFrom rest: inout Substring) {
        isWeak = rest.utf8.starts(with: "W/".utf8)
        let quoted = isWeak ? Substring(rest.utf8.dropFirst(2)) : rest
        guard quoted.utf8.first == UInt8(ascii: "\"") else { return nil }
        let content = quoted.utf8.dropFirst().prefix { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") }
        guard content.endIndex < quoted.endIndex, quoted.utf8[content.endIndex] == UInt8(ascii: "\"") else {
            return nil
        }
        opaque = Substring(content)
        rest = quoted[quoted.utf8.index(after: content.endIndex)...]
    }

    package var description: String { "\(isWeak ? "W/" : "")\"\(opaque)\"" }

    /// Returns the tag with a suffix.
    package func appending(_ suffix: String) -> EntityTag {
        EntityTag(isWeak: isWeak, opaque: opaque + suffix)
    }

    /// Returns the tag without a suffix; nil if it does not have it.
    package func removing(_ suffix: String) -> EntityTag? {
        guard opaque.utf8.count >= suffix.utf8.count,
            opaque.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        else { return nil }
        return EntityTag(isWeak: isWeak, opaque: Substring(opaque.utf8.dropLast(suffix.utf8.count)))
    }

    /// Compares two tags (RFC 9110 §8.8.3.2): by their opaque texts, and strongly only if neither is weak.
    package func matches(_ other: EntityTag, weakly: Bool) -> Bool {
        (weakly || !isWeak && !other.isWeak) && opaque.hasBytes(of: other.opaque)
    }

    package static func == (left: EntityTag, right: EntityTag) -> Bool {
        left.isWeak == right.isWeak && left.opaque.hasBytes(of: right.opaque)
    }
}

/// The value of `If-Match` and `If-None-Match` (RFC 9110 §13.1.1, §13.1.2).
package enum EntityTagList: Sendable, Equatable {
    /// `*`: any existing representation.
    case any
    /// The well-formed tags of a list; malformed ones match nothing.
    case tags([EntityTag])

    package init(_ field: String) {
        guard !FieldValue.trimmed(field[...]).hasBytes(of: "*") else {
            self = .any
            return
        }
        var tags: [EntityTag] = []
        var rest = field[...]
        while !rest.isEmpty {
            rest = Substring(rest.utf8.drop { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ",") })
            var after = rest
            let tag = EntityTag(readingFrom: &after)
            // Up to the comma: other text beside a tag makes it malformed.
            let comma = after.utf8.firstIndex(of: UInt8(ascii: ",")) ?? after.endIndex
            if let tag, FieldValue.trimmed(after[..<comma]).isEmpty { tags.append(tag) }
            rest = after[comma...]
        }
        self = .tags(tags)
    }

    /// Returns whether the list matches a representation; `tag` is nil for a representation without one.
    package func names(_ tag: EntityTag?, weakly: Bool) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tag.map { tag in tags.contains { $0.matches(tag, weakly: weakly) } } ?? false
        }
    }
}
