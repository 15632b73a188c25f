import NIOCore

@testable import CarafeHTTP1

/// Bytes of a server through the reader of a response's head.
///
/// Input: the limit, three lengths of reads; then the stream.
enum ResponseTarget: Target {
    static let name = "response"
    static var seeds: [Seed] { RequestExamples.responses.map { Seed([1, 1, 3, 20], text: $0) } }
    static let words = RequestExamples.words + ["HTTP/1.1 101", "HTTP/1.0 200 "]

    static func check(_ bytes: [UInt8]) {
        var input = Input(bytes)
        let limit = input.byte() & 1 == 0 ? 60 : 16 << 10
        let split = input.split()
        let stream = input.remaining()
        let whole = Outcome([stream], limit: limit)
        law("the same bytes in pieces give the same head", Outcome(split.reads(of: stream), limit: limit) == whole)
        let single = Outcome(Split.single.reads(of: stream), limit: limit)
        law("the same bytes one by one give the same head", single == whole)
    }
}

/// The result of a reader.
private struct Outcome: Equatable {
    private var head: ResponseHead?
    private var failure: ResponseError?
    /// The bytes behind the head.
    private var rest: [UInt8] = []

    init(_ reads: [[UInt8]], limit: Int) {
        var reader = ResponseHeadReader(limit: limit)
        var bytes = ByteBuffer()
        for (index, read) in reads.enumerated() {
            bytes.writeBytes(read)
            do {
                guard let head = try reader.read(&bytes) else {
                    law("no more is left waiting than the limit", bytes.readableBytes <= limit)
                    continue
                }
                law("RFC 9112 §4: a status has three digits", (0...999).contains(head.status))
                law("a head keeps its limit", head.fields.bytes.readableBytes + 15 <= limit)
                self.head = head
                rest = Array(bytes.readableBytesView) + reads[(index + 1)...].joined()
            } catch {
                failure = error
            }
            return
        }
    }
}
