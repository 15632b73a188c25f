/// Media types by their text in lower case, without parameters (RFC 9110 §8.3.1).
package enum MediaType {
    /// Whether a type is JSON (WHATWG MIME Sniffing §4.6): `application/json`, `text/json` and `…+json`.
    package static func isJSON(_ type: String) -> Bool {
        if ["application/json", "text/json"].contains(type) { return true }
        return isReadable(type) && type.hasSuffix("+json") && !type.hasSuffix("/+json")
    }

    /// Whether a text is a type and a subtype, so that it may be shown in a message.
    package static func isReadable(_ type: String) -> Bool {
        let parts = type.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return type.utf8.count <= 100 && parts.count == 2
            && parts.allSatisfy { part in
                // RFC 6838 §4.2, without the characters that a page would have to escape.
                !part.isEmpty
                    && part.allSatisfy {
                        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "!#$^_.+-*".utf8.contains($0)
                    }
            }
    }
}
