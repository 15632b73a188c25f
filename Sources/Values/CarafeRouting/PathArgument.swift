/// A type that a handler can take from the path, as in `/users/<int:id>`.
///
/// `Int`, `Double`, `String` and `UUID` conform. For a converter of your own, conform a type and use its name:
///
/// ```swift
/// enum Colour: String, PathArgument {
///     case red, green
///     static let converters = ["colour"]
/// }
/// app.get("/paint/<colour:c>") { (_, colour: Colour) in "Painted \(colour)." }
/// ```
public protocol PathArgument: Sendable {
    /// The names that a pattern may put before the colon for this type. Only the value of `path` may contain slashes.
    static var converters: [String] { get }

    /// Creates the value from a percent-decoded segment. Nil means that the route does not match.
    init?(pathSegment: String)

    /// The segment from which `init(pathSegment:)` makes this value, before percent-encoding.
    var pathSegment: String { get }
}

extension String: PathArgument {
    /// The converters `string` and `path`.
    public static var converters: [String] { ["string", "path"] }

    /// Accepts any segment.
    public init?(pathSegment: String) { self = pathSegment }

    /// The text itself.
    public var pathSegment: String { self }
}

extension Int: PathArgument {
    /// The converter `int`.
    public static var converters: [String] { ["int"] }

    /// Accepts an optional minus sign and decimal digits. A number that overflows does not match.
    public init?(pathSegment: String) {
        guard isDecimal(pathSegment.utf8) else { return nil }
        self.init(pathSegment)
    }

    /// The number in decimal digits.
    public var pathSegment: String { String(self) }
}

extension Double: PathArgument {
    /// The converter `float`.
    public static var converters: [String] { ["float"] }

    /// Accepts an optional minus sign, decimal digits and an optional fraction, but no exponent, infinity or NaN.
    public init?(pathSegment: String) {
        let parts = pathSegment.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, isDecimal(parts[0]) else { return nil }
        guard parts.count == 1 || (isDecimal(parts[1]) && parts[1].first != UInt8(ascii: "-")) else { return nil }
        self.init(pathSegment)
        guard isFinite else { return nil }
    }

    /// The number in decimal digits without an exponent, as `init(pathSegment:)` reads it.
    public var pathSegment: String {
        let parts = description.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return description }
        let sign = parts[0].hasPrefix("-") ? "-" : ""
        let digits = parts[0].filter(\.isNumber)
        // The exponent follows one digit and a fraction, which may be a mere 0.
        let point = 1 + exponent
        if point <= 0 { return "\(sign)0." + String(repeating: "0", count: -point) + digits }
        return sign + digits.prefix(point) + String(repeating: "0", count: max(0, point - digits.count))
    }
}

extension PathArgument where Self: RawRepresentable, RawValue == String {
    /// Accepts the raw values.
    public init?(pathSegment: String) { self.init(rawValue: pathSegment) }

    /// The raw value.
    public var pathSegment: String { rawValue }
}

private func isDecimal(_ text: some Collection<UInt8>) -> Bool {
    let digits = text.first == UInt8(ascii: "-") ? text.dropFirst()[...] : text.dropFirst(0)
    return !digits.isEmpty && digits.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
}
