/// The path of a route with its parameters, written as in Flask: `/users/<int:id>/<name>`.
///
/// A parameter is a whole segment. A slash at the end counts: `/a` and `/a/` are two patterns. Literal text is written
/// as people read it (`/群聊`), not percent-encoded.
package struct PathPattern: Sendable, Hashable, CustomStringConvertible {
    /// The part between two slashes.
    package enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(name: String, converter: String)
    }

    /// The segments after the first slash. A slash at the end is an empty literal, so that `/` has one segment.
    package let segments: [Segment]

    /// Parses a pattern.
    ///
    /// - Throws: `RouteError` for a pattern with a mistake, or one that no request can match.
    package init(_ text: String) throws(RouteError) {
        guard text.first == "/" else {
            throw RouteError(route: text, problem: "expected a pattern that starts with \"/\"")
        }
        var segments: [Segment] = []
        for segment in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            segments.append(try Self.parse(segment, of: text))
        }
        self.segments = segments
        try checkReachable(text)
    }

    private init(segments: [Segment]) {
        self.segments = segments
    }

    /// The parameters, in order.
    package var parameters: [(name: String, converter: String)] {
        segments.compactMap { segment in
            if case .parameter(let name, let converter) = segment { (name, converter) } else { nil }
        }
    }

    /// The pattern as its author wrote it.
    package var description: String {
        "/" + segments.map(\.description).joined(separator: "/")
    }

    /// Returns this pattern below another one: `/users` below `/admin` is `/admin/users`.
    package func prefixed(by prefix: PathPattern?) -> PathPattern {
        guard let prefix else { return self }
        let above = prefix.segments.last == .literal("") ? prefix.segments.dropLast() : prefix.segments[...]
        return PathPattern(segments: above + segments)
    }

    /// Returns the percent-encoded path with these values in place of the parameters.
    package func path(_ arguments: [String]) -> String {
        var arguments = arguments[...]
        return segments.reduce(into: "") { path, segment in
            path += "/"
            switch segment {
            case .literal(let text): path += PercentEncoding.encode(text)
            case .parameter(_, "path"): path += PercentEncoding.encode(arguments.popFirst() ?? "", keeping: "/")
            case .parameter: path += PercentEncoding.encode(arguments.popFirst() ?? "")
            }
        }
    }

    /// The percent-encoded prefix of the patterns below this one, without a slash at the end.
    package var prefixPath: String {
        PathPattern(segments: segments.last == .literal("") ? segments.dropLast() : segments).path([])
    }

    /// Whether every path that matches `other` matches this pattern too. Converters are compared by name only.
    package func covers(_ other: PathPattern) -> Bool {
        Self.covers(segments[...], other.segments[...])
    }

    private static func covers(_ segments: ArraySlice<Segment>, _ others: ArraySlice<Segment>) -> Bool {
        guard let segment = segments.first, let other = others.first else { return segments.isEmpty && others.isEmpty }
        if case .parameter(_, "path") = segment, segments.count == 1 { return other != .literal("") }
        let fits =
            switch (segment, other) {
            case (.literal(let text), .literal(let otherText)): text == otherText
            case (.parameter(_, "string"), .literal(let text)): !text.isEmpty
            case (.parameter(_, "string"), .parameter(_, let converter)): converter != "path"
            case (.parameter(_, let converter), .parameter(_, let otherConverter)): converter == otherConverter
            default: false
            }
        return fits && covers(segments.dropFirst(), others.dropFirst())
    }

    private static func parse(_ segment: Substring, of text: String) throws(RouteError) -> Segment {
        guard segment.contains(where: { "<>".contains($0) }) else {
            guard !segment.contains("%") else {
                throw RouteError(route: text, problem: "write \"\(segment)\" decoded: patterns are not percent-encoded")
            }
            // The syntax of other frameworks.
            guard segment.first != ":" || segment.count == 1, !(segment.hasPrefix("{") && segment.hasSuffix("}")) else {
                throw RouteError(route: text, problem: "write a parameter as <name>, found \"\(segment)\"")
            }
            return .literal(String(segment))
        }
        guard segment.first == "<", segment.last == ">" else {
            throw RouteError(route: text, problem: "a parameter is a whole segment, found \"\(segment)\"")
        }
        let parts = segment.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.last, (1...2).contains(parts.count), parts.allSatisfy(isWord) else {
            throw RouteError(route: text, problem: "expected <name> or <converter:name>, found \"\(segment)\"")
        }
        return .parameter(name: String(name), converter: parts.count == 2 ? String(parts[0]) : "string")
    }

    private static func isWord(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    /// Throws for a pattern that no request can match, because a request's path is normalised first (RFC 3986 §5.2.4).
    private func checkReachable(_ text: String) throws(RouteError) {
        if segments.dropLast().contains(.literal("")) {
            throw RouteError(route: text, problem: "\"//\" is never in a request's path, so the route is unreachable")
        }
        if segments.contains(.literal(".")) || segments.contains(.literal("..")) {
            throw RouteError(
                route: text,
                problem: "\".\" and \"..\" are never in a request's path, so the route is unreachable"
            )
        }
        let names = parameters.map(\.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw RouteError(route: text, problem: "the parameter \"\(twice)\" stands twice")
        }
        if parameters.count(where: { $0.converter == "path" }) > 1 {
            throw RouteError(route: text, problem: "only one <path:…> can stand in a pattern")
        }
    }
}

extension PathPattern.Segment: CustomStringConvertible {
    /// The segment as its author wrote it.
    package var description: String {
        switch self {
        case .literal(let text): text
        case .parameter(let name, "string"): "<\(name)>"
        case .parameter(let name, let converter): "<\(converter):\(name)>"
        }
    }
}
