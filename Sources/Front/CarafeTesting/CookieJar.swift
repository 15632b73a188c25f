import CarafeHTTP

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The cookies of one client, kept as a browser keeps them (RFC 6265bis §5.7) that knows one host and trusts it.
///
/// `Domain` is not looked at, since the client is whatever host the app serves; and a cookie stays until it is removed.
struct CookieJar {
    private struct Cookie {
        let name: Substring
        let value: Substring
        let path: Substring
    }

    private var cookies: [Cookie] = []

    /// Takes the value of a `Set-Cookie` field in the answer to a request of a path.
    mutating func keep(_ field: String, from requestPath: String) {
        let set = SetCookieField(field)
        guard Self.isTaken(set) else { return }
        let path = set["path"].flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil } ?? Self.folder(of: requestPath)
        let index = cookies.firstIndex { $0.name.hasBytes(of: set.name) && $0.path.hasBytes(of: path) }
        switch (Self.isOver(set), index) {
        case (true, let index?): cookies.remove(at: index)
        case (true, nil): break
        // §5.7: the new one takes the old one's place.
        case (false, let index?): cookies[index] = Cookie(name: set.name, value: set.value, path: path)
        case (false, nil): cookies.append(Cookie(name: set.name, value: set.value, path: path))
        }
    }

    /// The value of `Cookie` in a request of a path; nil for none.
    func field(for path: String) -> String? {
        let sent = cookies.filter { Self.matches(path, $0.path) }.enumerated().sorted { left, right in
            // §5.8.3: longer paths first, then the older cookies.
            let (leftLength, rightLength) = (left.element.path.utf8.count, right.element.path.utf8.count)
            return leftLength == rightLength ? left.offset < right.offset : leftLength > rightLength
        }
        guard !sent.isEmpty else { return nil }
        return sent.map { ($0.element.name.isEmpty ? "" : "\($0.element.name)=") + $0.element.value }
            .joined(separator: "; ")
    }

    /// §5.7, steps 2 to 4 and 19 to 22.
    private static func isTaken(_ set: SetCookieField) -> Bool {
        guard !set.name.isEmpty || !set.value.isEmpty, set.name.utf8.count + set.value.utf8.count <= 4096 else {
            return false
        }
        let isSecure = set["secure"] != nil
        if let site = set["samesite"], site.hasBytesIgnoringCase(of: "none"), !isSecure { return false }
        // A cookie without a name is sent as its value, and must not look as if it had one of these.
        let start = (set.name.isEmpty ? set.value : set.name).asciiLowercased
        if start.hasBytePrefix("__secure-") { return isSecure && !set.name.isEmpty }
        if start.hasBytePrefix("__host-") {
            return isSecure && !set.name.isEmpty && set["domain"] == nil && set["path"] == "/"
        }
        return true
    }

    /// §5.6.1, §5.6.2: whether it removes the cookie. `Max-Age` goes before `Expires`; what cannot be read is not
    /// there.
    private static func isOver(_ set: SetCookieField) -> Bool {
        if let text = set["max-age"] {
            let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8
            if !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) {
                return digits.count < text.utf8.count || digits.allSatisfy { $0 == UInt8(ascii: "0") }
            }
        }
        return set["expires"].flatMap { HTTPDate.parse(String($0)) }.map { $0 <= time(nil) } ?? false
    }

    /// §5.1.4: `default-path`.
    private static func folder(of path: String) -> Substring {
        let folder = path[..<(path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)]
        return folder.isEmpty ? "/" : folder
    }

    /// §5.1.4: `path-match`.
    private static func matches(_ path: String, _ cookiePath: Substring) -> Bool {
        guard path.hasBytePrefix(cookiePath) else { return false }
        let rest = path.utf8.dropFirst(cookiePath.utf8.count)
        return rest.isEmpty || cookiePath.utf8.last == UInt8(ascii: "/") || rest.first == UInt8(ascii: "/")
    }
}
