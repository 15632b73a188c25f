import CarafeApp
import CarafeHTTP

/// The ranges of a representation that a `Range` field asks for (RFC 9110 §14.1.2).
enum ByteRanges: Equatable {
    case whole
    /// The ranges in the order of the request. None is empty, and no two overlap.
    case parts([Range<Int>])
    case unsatisfiable

    /// The largest number of parts in a response. A request for more gets the whole.
    static let limit = 32

    init(_ field: String, size: Int) {
        let parts = field.utf8.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false).map(Substring.init)
        guard parts.count == 2, parts[0].hasBytesIgnoringCase(of: "bytes") else {
            self = .whole
            return
        }
        let specs = FieldValue.parts(of: parts[1], at: ",")
        guard !specs.isEmpty, specs.count <= Self.limit else {
            self = .whole
            return
        }
        var ranges: [Range<Int>] = []
        for spec in specs {
            switch Spec(spec, size: size) {
            case .invalid:
                self = .whole
                return
            case .unsatisfiable: break
            case .range(let range): ranges.append(range)
            }
        }
        guard !ranges.isEmpty else {
            self = .unsatisfiable
            return
        }
        self = Self.coalesced(ranges).map(ByteRanges.parts) ?? .whole
    }

    /// Merges two ranges that overlap, in the place of the first (RFC 9110 §15.3.7.2). Returns nil if more do: §14.2
    /// considers that a fault or an attack.
    private static func coalesced(_ ranges: [Range<Int>]) -> [Range<Int>]? {
        let overlapping = ranges.indices.filter { index in
            ranges.indices.contains { $0 != index && ranges[$0].overlaps(ranges[index]) }
        }
        guard overlapping.count > 0 else { return ranges }
        guard overlapping.count == 2 else { return nil }
        let (first, second) = (ranges[overlapping[0]], ranges[overlapping[1]])
        var ranges = ranges
        ranges[overlapping[0]] =
            min(first.lowerBound, second.lowerBound)..<max(first.upperBound, second.upperBound)
        ranges.remove(at: overlapping[1])
        return ranges
    }

    /// One range: `0-499`, `500-` or `-500`.
    private enum Spec {
        case range(Range<Int>)
        case unsatisfiable
        case invalid

        init(_ text: Substring, size: Int) {
            let ends = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            guard ends.count == 2, ends.allSatisfy({ $0.allSatisfy(Self.isDigit) }) else {
                self = .invalid
                return
            }
            // A number that overflows is past the end of any file.
            let numbers = ends.map { $0.isEmpty ? nil : Int(Substring($0)) ?? Int.max }
            switch (numbers[0], numbers[1]) {
            case (nil, nil): self = .invalid
            case (nil, let suffix?):
                // RFC 9110 §14.1.2: a suffix that is not empty is satisfiable, and of an empty file it is the whole.
                self = suffix == 0 ? .unsatisfiable : size == 0 ? .invalid : .range(size - min(suffix, size)..<size)
            case (let first?, let last?) where last < first: self = .invalid
            case (let first?, _) where first >= size: self = .unsatisfiable
            case (let first?, let last): self = .range(first..<min(last ?? size, size - 1) + 1)
            }
        }

        private static func isDigit(_ byte: UInt8) -> Bool {
            byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        }
    }
}
