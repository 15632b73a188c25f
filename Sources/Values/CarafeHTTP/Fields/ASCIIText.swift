// A client's text is read byte by byte. A separator and a combining mark after it are one `Character`, so that a search
// for the separator among Characters does not find it. And to compare or hash text as Unicode does takes quadratic time
// in the worst case, which a client chooses.

extension StringProtocol {
    /// The text with A to Z in lower case, and all other bytes unchanged.
    ///
    /// `lowercased()` turns some other characters into ASCII letters, such as U+212A, the sign of the kelvin.
    package var asciiLowercased: String {
        String(decoding: utf8.map(\.asciiLowercased), as: UTF8.self)
    }

    /// Returns whether both texts have the same bytes.
    package func hasBytes(of other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Returns whether both texts have the same bytes but for the case of A to Z.
    package func hasBytesIgnoringCase(of other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8) { $0.asciiLowercased == $1.asciiLowercased }
    }

    /// Returns whether the text begins with the bytes of another.
    package func hasBytePrefix(_ start: some StringProtocol) -> Bool { utf8.starts(with: start.utf8) }
}

extension Substring {
    /// Returns the parts between the bytes of a separator, empty ones included.
    package func bytes(splitAt separator: Unicode.Scalar, maxSplits: Int = .max) -> [Substring] {
        utf8.split(separator: UInt8(ascii: separator), maxSplits: maxSplits, omittingEmptySubsequences: false)
            .map { Substring($0) }
    }
}

extension UInt8 {
    package var isASCIIDigit: Bool { self >= 0x30 && self <= 0x39 }

    package var isASCIILetter: Bool { self | 0x20 >= 0x61 && self | 0x20 <= 0x7A }

    /// The byte in lower case if it is one of A to Z, else unchanged.
    fileprivate var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }

    /// RFC 9110 §5.6.2: `tchar`.
    package var isTokenByte: Bool { isASCIILetter || isASCIIDigit || "!#$%&'*+-.^_`|~".utf8.contains(self) }

    /// The value of a hexadecimal digit.
    package var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
