// A RawSpan and not an unsafe pointer: every access is checked against the bounds, which is what one wants between
// a hostile client and the memory; without the checks a head is read a tenth faster. `unsafeLoad` has its name for
// types with invalid bit patterns, which integers do not have.
extension RawSpan {
    @inline(__always)
    subscript(_ offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

    /// Eight bytes; the first is the least significant.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The first byte in `range` that is below the space, or DEL; the range's end when there is none.
    @inline(__always)
    func firstControl(in range: Range<Int>) -> Int {
        var offset = range.lowerBound
        while range.upperBound - offset >= 8 {
            let found = word(at: offset).controlBytes
            if found != 0 { return offset + found.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < range.upperBound, self[offset] >= .space, self[offset] != 0x7F { offset += 1 }
        return offset
    }

    /// The first byte in `range` that is not a token character; the range's end when there is none.
    @inline(__always)
    func firstNonToken(in range: Range<Int>) -> Int {
        // Field names are letters and hyphens, eight at a time, until a digit or the like: from there on one by one.
        var offset = range.lowerBound
        while range.upperBound - offset >= 8 {
            let found = word(at: offset).bytesOtherThanLettersAndHyphens
            offset += found == 0 ? 8 : found.trailingZeroBitCount / 8
            if found != 0 { break }
        }
        return first(outside: .token, in: offset..<range.upperBound)
    }

    /// The first byte in `range` that is not in `set`; the range's end when there is none.
    @inline(__always)
    func first(outside set: ByteSet, in range: Range<Int>) -> Int {
        var offset = range.lowerBound
        while offset < range.upperBound, set.contains(self[offset]) { offset += 1 }
        return offset
    }

    /// The first byte in `range` that equals `byte`.
    func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
        range.first { self[$0] == byte }
    }

    /// Whether the bytes in `range` are `text`, which is ASCII in lower case, in any mixture of cases.
    func matches(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<range.count where self[range.lowerBound + index].lowercased != text[index] { return false }
        return true
    }

    /// Whether the bytes in `range` are exactly `text`.
    func equals(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<range.count where self[range.lowerBound + index] != text[index] { return false }
        return true
    }

    /// The range without the whitespace at its ends: OWS, RFC 9110 §5.6.3.
    @inline(__always)
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start].isWhitespace { start += 1 }
        while start < end, self[end - 1].isWhitespace { end -= 1 }
        return start..<end
    }

    /// The next element of a comma separated list (RFC 9110 §5.6.1), which it takes off the front of `rest`; nil at
    /// the end. Empty elements are skipped, as §5.6.1.2 asks.
    func nextElement(of rest: inout Range<Int>) -> Range<Int>? {
        while !rest.isEmpty {
            let comma = first(UInt8(ascii: ","), in: rest)
            let element = trimmed(rest.lowerBound..<(comma ?? rest.upperBound))
            rest = (comma.map { $0 + 1 } ?? rest.upperBound)..<rest.upperBound
            if !element.isEmpty { return element }
        }
        return nil
    }

    /// The bytes as UTF-8, with U+FFFD in the place of invalid ones.
    func string(_ range: Range<Int>) -> String {
        // The pointer is needed because String repairs invalid UTF-8 only from a Collection, and a span is not one.
        extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension UInt64 {
    /// The top bit of each byte that is below 0x20 or is 0x7F. Only the lowest bit set is to be relied on: a borrow
    /// may mark bytes above a marked one.
    @inline(__always)
    fileprivate var controlBytes: UInt64 {
        let belowSpace = (self &- 0x2020_2020_2020_2020) & ~self
        let delete = self ^ 0x7F7F_7F7F_7F7F_7F7F
        let isDelete = (delete &- 0x0101_0101_0101_0101) & ~delete
        return (belowSpace | isDelete) & 0x8080_8080_8080_8080
    }

    /// The top bit of each byte that is no ASCII letter and no hyphen.
    @inline(__always)
    fileprivate var bytesOtherThanLettersAndHyphens: UInt64 {
        // All sums are of seven bits, so that no byte carries into the next.
        let lowercased = (self | 0x2020_2020_2020_2020) & 0x7F7F_7F7F_7F7F_7F7F
        let fromA = lowercased &+ 0x1F1F_1F1F_1F1F_1F1F
        let pastZ = lowercased &+ 0x0505_0505_0505_0505
        let notHyphen = ((self & 0x7F7F_7F7F_7F7F_7F7F) ^ 0x2D2D_2D2D_2D2D_2D2D) &+ 0x7F7F_7F7F_7F7F_7F7F
        return ((~fromA | pastZ) & notHyphen | self) & 0x8080_8080_8080_8080
    }
}

extension StaticString {
    @inline(__always)
    fileprivate subscript(_ index: Int) -> UInt8 {
        // A StaticString has no other way to its bytes. They live as long as the program, and both callers compared
        // the length first.
        utf8Start[index]
    }
}
