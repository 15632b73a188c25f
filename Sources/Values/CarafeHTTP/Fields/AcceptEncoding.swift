import HTTPTypes

/// The codings that a client takes a body in (RFC 9110 §12.5.3).
public struct AcceptEncoding: Sendable {
    private let elements: [WeightedList.Element]

    /// Reads the field's value. Without one a client takes anything by the RFC; here nothing but the plain body, since
    /// it may know no coding.
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

    /// Whether a body in this coding is at least as welcome as the plain one.
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
    /// The codings that the client takes a body in.
    public var acceptEncoding: AcceptEncoding { AcceptEncoding(headers[.acceptEncoding]) }
}
