/// The text of an IPv6 address without its brackets: RFC 3986 §3.2.2, IPv6address. A zone is not part of it.
enum IPv6Address {
    static func isValid(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        let colon = UInt8(ascii: ":")
        guard let gap = range.dropLast().first(where: { bytes[$0] == colon && bytes[$0 + 1] == colon }) else {
            return groupCount(bytes, range, mayEndInIPv4: true) == 8
        }
        guard let before = groupCount(bytes, range.lowerBound..<gap, mayEndInIPv4: false),
            let after = groupCount(bytes, (gap + 2)..<range.upperBound, mayEndInIPv4: true)
        else { return false }
        // "::" stands for at least one group of zeros.
        return before + after <= 7
    }

    /// Returns the number of groups of 16 bits that the range spells; nil without colons between them.
    private static func groupCount(_ bytes: RawSpan, _ range: Range<Int>, mayEndInIPv4: Bool) -> Int? {
        guard !range.isEmpty else { return 0 }
        var start = range.lowerBound
        var count = 1
        while let colon = bytes.first(UInt8(ascii: ":"), in: start..<range.upperBound) {
            guard isGroup(bytes, start..<colon) else { return nil }
            start = colon + 1
            count += 1
        }
        let last = start..<range.upperBound
        if mayEndInIPv4, isIPv4Address(bytes, last) { return count + 1 }
        return isGroup(bytes, last) ? count : nil
    }

    /// h16 = 1*4HEXDIG
    private static func isGroup(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        1...4 ~= range.count && range.allSatisfy { bytes[$0].hexadecimalValue != nil }
    }

    /// RFC 3986 §3.2.2: four dec-octets, none above 255 or with a leading zero.
    private static func isIPv4Address(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        var octets = 0
        var offset = range.lowerBound
        while octets < 4 {
            if octets > 0 {
                guard offset < range.upperBound, bytes[offset] == UInt8(ascii: ".") else { return false }
                offset += 1
            }
            let digits = (offset..<range.upperBound).prefix(3).prefix { bytes[$0].isDigit }
            let value = digits.reduce(0) { $0 * 10 + Int(bytes[$1] - UInt8(ascii: "0")) }
            guard !digits.isEmpty, value < 256, digits.count == 1 || bytes[offset] != UInt8(ascii: "0") else {
                return false
            }
            offset = digits.endIndex
            octets += 1
        }
        return offset == range.upperBound
    }
}
