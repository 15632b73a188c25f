import HTTPTypes

extension Request {
    /// Returns the media type that the client prefers by its `Accept` (RFC 9110 §12.5.1): content negotiation.
    ///
    /// ```swift
    /// switch request.accepts(among: ["text/html", "application/json"]) {
    /// case "application/json": …
    /// case nil: try abort(.notAcceptable)
    /// default: …
    /// }
    /// ```
    ///
    /// - Parameter types: The types that the handler can produce.
    /// - Returns: The preferred type, the first of several with the same weight, and the first of all without `Accept`;
    ///   nil if the client accepts none of them.
    public func accepts(among types: [String]) -> String? {
        let ranges = headers[.accept].map { WeightedList($0).elements.map(MediaRange.init) } ?? []
        guard !ranges.isEmpty else { return types.first }
        var best: (type: String, quality: Int)?
        for type in types {
            let parsed = ParameterizedValue(type[...])
            // RFC 9110 §12.5.1: the weight is that of the most specific range that matches.
            let range = ranges.filter { $0.matches(parsed) }.max { $0.specificity < $1.specificity }
            guard let range, range.element.quality > best?.quality ?? 0 else { continue }
            best = (type, range.element.quality)
        }
        return best?.type
    }
}

/// `text/html;level=1`, `text/*` or `*/*`.
private struct MediaRange {
    let element: WeightedList.Element

    var specificity: Int {
        if element.value == "*/*" { return 0 }
        return element.value.hasSuffix("/*") ? 1 : 2 + element.parameters.count
    }

    func matches(_ type: ParameterizedValue) -> Bool {
        switch specificity {
        case 0: true
        case 1: type.value.hasPrefix(element.value.dropLast())
        default:
            element.value == type.value
                && element.parameters.allSatisfy { type[$0.name]?.hasBytesIgnoringCase(of: $0.value) ?? false }
        }
    }
}
