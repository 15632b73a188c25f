import CarafeApp
import CarafeRuntime

/// Addresses with the same beginning (CIDR, RFC 4632 §3.1): `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
///
/// An address of IPv4 is the same in both its spellings, `192.0.2.1` and `::ffff:192.0.2.1`.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private let first: IPAddress
    /// Of the 128 bits of IPv6.
    private let length: Int

    /// Reads a range; throws what is wrong with the text, also where bits are set past the length.
    public init(_ text: String) throws(BadAddressRange) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { throw BadAddressRange(text: text) }
        let width = address.isIPv4 && !parts[0].contains(":") ? 32 : 128
        let digits = parts.count == 2 ? parts[1] : "\(width)"
        guard digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }), let given = Int(digits),
            given <= width
        else { throw BadAddressRange(text: text) }
        first = address
        length = given + 128 - width
        guard address.bits & ~Self.mask(length) == 0 else { throw BadAddressRange(text: text) }
    }

    /// Whether an address, as text, is one of these; false for what is no address.
    public func contains(_ address: String) -> Bool {
        IPAddress(address).map(contains) ?? false
    }

    func contains(_ address: IPAddress) -> Bool {
        address.bits & Self.mask(length) == first.bits
    }

    private static func mask(_ length: Int) -> UInt128 { UInt128.max << (128 - length) }

    public var description: String {
        first.isIPv4 && length >= 96 ? "\(first.text)/\(length - 96)" : "\(first.text)/\(length)"
    }
}

/// A text that is no range of addresses.
public struct BadAddressRange: Error, Equatable, CustomStringConvertible {
    /// What was given.
    public var text: String

    public var description: String {
        "expected an address or a range such as 10.0.0.0/8 or 2001:db8::/32, with no bit set past its length, "
            + "found \(text.debugDescription)"
    }
}
