#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An IP address as a number. Those of IPv4 are in `::ffff:0:0/96` of IPv6 (RFC 4291 §2.5.5.2), so that both spellings
/// of an address are equal.
package struct IPAddress: Sendable, Hashable {
    private static let mapped: UInt128 = 0xFFFF << 32

    package let bits: UInt128

    package init(bits: UInt128) {
        self.bits = bits
    }

    /// Parses `192.0.2.1`, `2001:db8::1` or `::ffff:192.0.2.1`.
    package init?(_ text: String) {
        // The longest is `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`.
        guard text.utf8.count <= 45, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        var number: UInt128 = 0
        // `inet_pton` fills in 16 or 4 bytes, and the number has space for 16.
        let isIPv6 = withUnsafeMutableBytes(of: &number) { inet_pton(AF_INET6, text, $0.baseAddress) == 1 }
        if isIPv6 {
            bits = UInt128(bigEndian: number)
            return
        }
        var short: UInt32 = 0
        guard withUnsafeMutableBytes(of: &short, { inet_pton(AF_INET, text, $0.baseAddress) == 1 }) else { return nil }
        bits = Self.mapped | UInt128(UInt32(bigEndian: short))
    }

    package var isIPv4: Bool { bits >> 32 == 0xFFFF }

    /// The shortest form (RFC 5952).
    package var text: String {
        // The longest text and a NUL; `inet_ntop` writes no more than it is told.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { space in
            var long = bits.bigEndian
            var short = UInt32(truncatingIfNeeded: bits).bigEndian
            let made =
                isIPv4
                ? inet_ntop(AF_INET, &short, space.baseAddress, socklen_t(space.count))
                : inet_ntop(AF_INET6, &long, space.baseAddress, socklen_t(space.count))
            return made.map { String(cString: $0) } ?? ""
        }
    }
}

extension IPAddress {
    /// Returns the network of an address, which stands for all addresses that one client may have.
    ///
    /// Of IPv6 these are the first 64 bits (RFC 4291 §2.5.4). A text that is not an address stands for itself.
    package static func network(of text: String) -> String {
        guard let address = IPAddress(text) else { return text }
        return address.isIPv4 ? address.text : IPAddress(bits: (address.bits >> 64) << 64).text
    }
}
