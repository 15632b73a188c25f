import CarafeApp
import CarafeRuntime

/// A range of IP addresses with a common prefix (CIDR, RFC 4632 §3.1): `10.0.0.0/8`, `2001:db8::/32`, or a single
/// address.
///
/// An IPv4 address is the same in both spellings, `192.0.2.1` and `::ffff:192.0.2.1`.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private let first: IPAddress
    /// The length of the prefix, out of the 128 bits of IPv6.
    private let length: Int

    /// Parses a range.
    ///
    /// - Throws: `AddressRangeError` for other text, and for bits that are set past the prefix.
    public init(_ text: String) throws(AddressRangeError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { throw AddressRangeError(text: text) }
        let width = address.isIPv4 && !parts[0].contains(":") ? 32 : 128
        let digits = parts.count == 2 ? parts[1] : "\(width)"
        guard digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }), let given = Int(digits),
            given <= width
        else { throw AddressRangeError(text: text) }
        first = address
        length = given + 128 - width
        guard address.bits & ~Self.mask(length) == 0 else { throw AddressRangeError(text: text) }
    }

    /// Whether the range contains an address, given as text. False for other text.
    public func contains(_ address: String) -> Bool {
        IPAddress(address).map(contains) ?? false
    }

    func contains(_ address: IPAddress) -> Bool {
        address.bits & Self.mask(length) == first.bits
    }

    private static func mask(_ length: Int) -> UInt128 { UInt128.max << (128 - length) }

    /// The range in CIDR notation.
    public var description: String {
        first.isIPv4 && length >= 96 ? "\(first.text)/\(length - 96)" : "\(first.text)/\(length)"
    }
}

/// An error for a text that is not a range of addresses.
public struct AddressRangeError: Error, Equatable, CustomStringConvertible {
    /// The text.
    public var text: String

    /// A description with the expected and the found.
    public var description: String {
        "expected an address or a range such as 10.0.0.0/8 or 2001:db8::/32, with no bit set past its length, "
            + "found \(text.debugDescription)"
    }
}
