import CarafeHTTP

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The cookies of one client, kept as a browser does that knows one host and trusts it (RFC 6265bis §5.7).
///
/// `Domain` is ignored, because the client accepts any host that the app serves. A cookie stays until it is removed.
struct CookieJar {
    private struct Cookie {
        let name: Substring
        let value: Substring
        let path: Substring
    }

    private var cookies: [Cookie] = []

    /// Stores the cookie of a `Set-Cookie` field in the response to a request for a path.
    mutating func keep(_ field: String, from requestPath: String) {
        let set = SetCookieField(field)
        guard Self.isTaken(set) else { return }
        let path = set["path"].flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil } ?? Self.folder(of: requestPath)
        let index = cookies.firstIndex { $0.name.hasBytes(of: set.name) && $0.path.hasBytes(of: path) }
        switch (Self.isOver(set), index) {
        case (true, let index?): cookies.remove(at: index)
        case (true, nil): break
        // §5.7: the new cookie replaces the old one.
        case (false, let index?): cookies[index] = Cookie(name: set.name, value: set.value, path: path)
        case (false, nil): cookies.append(Cookie(name: set.name, value: set.value, path: path))
        }
    }

    /// Returns the value of `Cookie` in a request for a path, or nil if there are no cookies.
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

    /// Whether a cookie is accepted (§5.7, steps 2 to 4 and 19 to 22).
    private static func isTaken(_ set: SetCookieField) -> Bool {
        guard !set.name.isEmpty || !set.value.isEmpty, set.name.utf8.count + set.value.utf8.count <= 4096 else {
            return false
        }
        let isSecure = set["secure"] != nil
        if let site = set["samesite"], site.hasBytesIgnoringCase(of: "none"), !isSecure { return false }
        // A cookie without a name is sent as its value alone, which must not look like one of these.
        let start = (set.name.isEmpty ? set.value : set.name).asciiLowercased
        if start.hasBytePrefix("__secure-") { return isSecure && !set.name.isEmpty }
        if start.hasBytePrefix("__host-") {
            return isSecure && !set.name.isEmpty && set["domain"] == nil && set["path"] == "/"
        }
        return true
    }

    /// Whether the field removes the cookie (§5.6.1, §5.6.2). `Max-Age` takes precedence over `Expires`; an unreadable
    /// value is ignored.
    private static func isOver(_ set: SetCookieField) -> Bool {
        if let text = set["max-age"] {
            let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8
            if !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) {
                return digits.count < text.utf8.count || digits.allSatisfy { $0 == UInt8(ascii: "0") }
            }
        }
        return set["expires"].flatMap { HTTPDate.parse(String($0)) }.map { $0 <= time(nil) } ?? false
    }

    /// Returns the `default-path` (§5.1.4).
    private static func folder(of path: String) -> Substring {
        let folder = path[..<(path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)]
        return folder.isEmpty ? "/" : folder
    }

    /// Whether two paths match by `path-match` (§5.1.4).
    private static func matches(_ path: String, _ cookiePath: Substring) -> Bool {
        guard path.hasBytePrefix(cookiePath) else { return false }
        let rest = path.utf8.dropFirst(cookiePath.utf8.count)
        return rest.isEmpty || cookiePath.utf8.last == UInt8(ascii: "/") || rest.first == UInt8(ascii: "/")
    }
}
