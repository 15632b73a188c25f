package import NIOCore

/// Checks a stream of bytes for UTF-8 (RFC 3629 §4), in pieces of any length.
///
/// RFC 6455 §8.1 fails the connection for text that is not UTF-8. A piece that ends inside a character is fine;
/// `isComplete` is whether the stream may end here.
package struct UTF8Validator: Sendable {
    private var state = State.accept

    package init() {}

    /// Whether what was accepted so far ends with a whole character.
    package var isComplete: Bool { state == .accept }

    /// Checks the next piece; false if no continuation could make the stream valid any more.
    package mutating func accept(_ bytes: ByteBuffer) -> Bool {
        bytes.withUnsafeReadableBytes { accept($0) }
    }

    /// Checks the next piece; false if no continuation could make the stream valid any more.
    package mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return state != .error }
        if state == .accept, Self.isASCII(base, count: bytes.count) { return true }
        return UTF8Transitions.rows.withUnsafeBufferPointer { rows in
            // Raw pointers, because a bounds check for each byte would cost more than the check itself. All accesses
            // are at offset ..< bytes.count, and `rows` has one entry for each value of a byte.
            var shift = state.rawValue
            var offset = 0
            while offset &+ Self.blockLength <= bytes.count {
                if shift & 63 == State.accept.rawValue {
                    offset = Self.skipASCII(base, from: offset, count: bytes.count)
                    guard offset &+ Self.blockLength <= bytes.count else { break }
                }
                let blockEnd = offset &+ Self.blockLength
                while offset < blockEnd {
                    shift = rows[Int(base.load(fromByteOffset: offset, as: UInt8.self))] &>> shift
                    offset &+= 1
                }
            }
            while offset < bytes.count {
                shift = rows[Int(base.load(fromByteOffset: offset, as: UInt8.self))] &>> shift
                offset &+= 1
            }
            state = State(rawValue: shift & 63) ?? .error
            return state != .error
        }
    }

    private static let blockLength = 16

    /// Whether all is ASCII, which most short messages are.
    private static func isASCII(_ base: UnsafeRawPointer, count: Int) -> Bool {
        guard count >= blockLength else {
            var bits: UInt8 = 0
            for offset in 0..<count { bits |= base.load(fromByteOffset: offset, as: UInt8.self) }
            return bits < 0x80
        }
        // The last block overlaps the one before it, so that no byte is left over.
        let start = min(skipASCII(base, from: 0, count: count), count &- blockLength)
        guard count &- start <= blockLength else { return false }
        let last = base.loadUnaligned(fromByteOffset: start, as: SIMD2<UInt64>.self)
        return (last[0] | last[1]) & topBits == 0
    }

    /// ASCII leaves the top bit of each byte clear, so one OR over many bytes tells about all of them.
    private static var topBits: UInt64 { 0x8080_8080_8080_8080 }

    /// The offset of the first block that is not all ASCII, or is not whole.
    private static func skipASCII(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var offset = start
        while offset &+ 64 <= count {
            let low = base.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
            let high = base.loadUnaligned(fromByteOffset: offset &+ 32, as: SIMD4<UInt64>.self)
            let all = low | high
            guard (all[0] | all[1] | all[2] | all[3]) & topBits == 0 else { break }
            offset &+= 64
        }
        while offset &+ blockLength <= count {
            let all = base.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
            guard (all[0] | all[1]) & topBits == 0 else { break }
            offset &+= blockLength
        }
        return offset
    }
}

extension UTF8Validator {
    /// The part of the current character that has been read.
    ///
    /// The raw value is the state's place in a row of `UTF8Transitions`.
    enum State: UInt64 {
        case error = 0
        case accept = 6
        case oneMore = 12
        case twoMore = 18
        case threeMore = 24
        // The lead bytes after which RFC 3629 §4 narrows the second byte.
        case afterE0 = 30
        case afterED = 36
        case afterF0 = 42
        case afterF4 = 48
    }
}

/// The state machine of RFC 3629 §4 as one 64-bit row for each value of a byte.
///
/// Nine states fit into a word with six bits each: shifting a row right by the present state leaves the next state in
/// the lowest six bits. So a byte costs one load and one shift, and no branch that could be mispredicted. Zero is the
/// error state, and every row keeps it.
enum UTF8Transitions {
    typealias State = UTF8Validator.State

    static let rows: [UInt64] = (UInt8.min...UInt8.max).map { byte in
        transitions(of: byte).reduce(0) { row, step in row | step.to.rawValue << step.from.rawValue }
    }

    private static func transitions(of byte: UInt8) -> [(from: State, to: State)] {
        let tail: [(from: State, to: State)] = [(.oneMore, .accept), (.twoMore, .oneMore), (.threeMore, .twoMore)]
        return switch byte {
        case 0x00...0x7F: [(.accept, .accept)]
        case 0x80...0x8F: tail + [(.afterED, .oneMore), (.afterF4, .twoMore)]
        case 0x90...0x9F: tail + [(.afterED, .oneMore), (.afterF0, .twoMore)]
        case 0xA0...0xBF: tail + [(.afterE0, .oneMore), (.afterF0, .twoMore)]
        case 0xC2...0xDF: [(.accept, .oneMore)]
        case 0xE0: [(.accept, .afterE0)]
        case 0xED: [(.accept, .afterED)]
        case 0xE1...0xEF: [(.accept, .twoMore)]
        case 0xF0: [(.accept, .afterF0)]
        case 0xF1...0xF3: [(.accept, .threeMore)]
        case 0xF4: [(.accept, .afterF4)]
        // C0 and C1 could only begin overlong forms, F5 to FF only what lies past U+10FFFF.
        default: []
        }
    }
}
