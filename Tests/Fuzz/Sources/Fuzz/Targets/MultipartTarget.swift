import HTTPTypes
import NIOCore

@testable import CarafeHTTP

/// A form with files through its parser.
///
/// Input: the boundary, the limits, three lengths of reads; then the body.
enum MultipartTarget: Target {
    static let name = "multipart"
    static var seeds: [Seed] { MultipartExamples.bodies.map { Seed([0, 1, 3, 1, 20], text: $0) } }
    static let words = MultipartExamples.words

    static func check(_ bytes: [UInt8]) {
        var input = Input(bytes)
        let boundary = ["b", "--b", "b b", "AaB03x"][input.number(in: 0...3)]
        var limits = MultipartParser.Limits()
        if input.byte() & 1 == 0 { (limits.partCount, limits.headLength) = (3, 60) }
        let split = input.split()
        let body = input.remaining()
        let whole = Parsing([body], boundary: boundary, limits: limits)
        let parts = Parsing(split.reads(of: body), boundary: boundary, limits: limits)
        law("the same bytes in pieces give the same parts", parts == whole, "\(parts)\n\(whole)")
        if body.count <= 1000 {
            let single = Parsing(Split.single.reads(of: body), boundary: boundary, limits: limits)
            law("the same bytes one by one give the same parts", single == whole, "\(single)\n\(whole)")
        }
    }
}

/// The result of a parser, the data of each part joined.
private struct Parsing: Equatable {
    private var heads: [PartHead] = []
    private var data: [[UInt8]] = []
    private var isInPart = false
    private var status: Int?

    init(_ reads: [[UInt8]], boundary: String, limits: MultipartParser.Limits) {
        do {
            let delimiter = try Delimiter(contentType: "multipart/form-data; boundary=\"\(boundary)\"")
            var parser = MultipartParser(delimiter, limits)
            for read in reads {
                parser.receive(ByteBuffer(bytes: read))
                while let event = try parser.next() { note(event, limits) }
            }
            try parser.finish()
            law("a body that is complete has no open part", !isInPart)
            for piece in data {
                let text = String(decoding: piece, as: Unicode.ASCII.self)
                law("RFC 2046 §5.1.1: data holds no delimiter", !text.contains("\r\n--\(boundary)"))
            }
        } catch {
            status = error.status.code
            law("the status is one of those promised", error.status.code == 400 || error.status.code == 413)
        }
    }

    private mutating func note(_ event: MultipartParser.Event, _ limits: MultipartParser.Limits) {
        switch event {
        case .head(let head):
            law("a part begins after the end of the last", !isInPart)
            law("a name is short", head.name.utf8.count <= Form.nameLimit)
            isInPart = true
            heads.append(head)
            data.append([])
            law("no more parts than the limit", heads.count <= limits.partCount)
        case .data(let piece):
            law("data is inside a part, and not empty", isInPart && piece.readableBytes > 0)
            data[data.count - 1] += piece.readableBytesView
        case .end:
            law("a part that ends has begun", isInPart)
            isInPart = false
        }
    }
}
