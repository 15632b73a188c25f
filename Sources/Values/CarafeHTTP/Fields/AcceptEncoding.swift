import HTTPTypes

/// The codings in which a client accepts a body (RFC 9110 §12.5.3).
public struct AcceptEncoding: Sendable {
    private let elements: [WeightedList.Element]

    /// Parses the field's value. By the RFC a client without the field accepts any coding; here it gets the plain body,
    /// since it may know no coding.
    public init(_ field: String?) {
        elements = field.map { WeightedList($0).elements } ?? []
    }

    /// Returns the weight of a coding, from 0 (not acceptable) to 1 (preferred).
    ///
    /// `identity`, the plain body, is acceptable unless it is refused by its name or by `*`; codings that are named
    /// come before it (RFC 9110 §12.5.3).
    public func quality(of coding: String) -> Double {
        Double(thousandths(of: coding)) / 1000
    }

    /// Returns whether the client prefers this coding to the plain body, or likes both the same.
    public func prefers(_ coding: String) -> Bool {
        let wanted = thousandths(of: coding)
        return wanted > 0 && wanted >= thousandths(of: "identity")
    }

    private func thousandths(of coding: String) -> Int {
        let coding = coding.lowercased()
        // RFC 9110 §8.4.1.3: x-gzip is another name of gzip.
        if let named = elements.first(where: { $0.value == coding || $0.value == "x-" + coding }) {
            return named.quality
        }
        let others = elements.first { $0.value == "*" }?.quality
        guard coding == "identity" else { return others ?? 0 }
        return others == 0 ? 0 : 1
    }
}

extension Request {
    /// The codings in which the client accepts a body.
    public var acceptEncoding: AcceptEncoding { AcceptEncoding(headers[.acceptEncoding]) }
}
