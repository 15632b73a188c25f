import NIOCore

/// The fuzzer's bytes, read from the front: first the parameters of a run, then what it is about.
struct Input {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isEmpty: Bool { rest.isEmpty }

    /// The next byte; 0 when there is none, so that every input says something.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func number(in range: ClosedRange<Int>) -> Int { range.lowerBound + Int(byte()) % range.count }

    mutating func bytes(count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func remaining() -> [UInt8] { bytes(count: rest.count) }

    /// The lengths of the reads: three lengths that take turns.
    mutating func split() -> Split { Split(lengths: bytes(count: 3)) }
}

/// A way to cut bytes into reads.
struct Split {
    /// 0 stands for all that is left.
    let lengths: [UInt8]

    static let single = Split(lengths: [1])

    func reads(of bytes: [UInt8]) -> [[UInt8]] {
        var reads: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = lengths.isEmpty ? 0 : Int(lengths[reads.count % lengths.count])
            let read = length == 0 ? rest : rest.prefix(length)
            reads.append(Array(read))
            rest = rest.dropFirst(read.count)
        }
        return reads
    }
}
