import NIOCore

@testable import CarafeHTTP1

/// Bytes of a client through the HTTP/1.1 reader.
///
/// Input: the limits, three lengths of reads; then the stream.
enum RequestTarget: Target {
    static let name = "request"
    static var seeds: [Seed] { RequestExamples.requests.map { Seed([1, 3, 1, 20], text: $0) } }
    static let words = RequestExamples.words

    static func check(_ bytes: [UInt8]) {
        var input = Input(bytes)
        let limits =
            input.byte() & 1 == 0
            ? RequestReader.Limits(
                requestLineBytes: 40, fieldSectionBytes: 90, fieldCount: 4, chunkExtensionBytes: 8, trailerBytes: 20)
            : RequestReader.Limits()
        let split = input.split()
        let stream = input.remaining()
        let whole = Reading([stream], limits: limits)
        let parts = Reading(split.reads(of: stream), limits: limits)
        law("the same bytes in pieces give the same events", parts.events == whole.events, "\(parts)\n\(whole)")
        if stream.count <= 1000 {
            let single = Reading(Split.single.reads(of: stream), limits: limits)
            law("the same bytes one by one give the same events", single.events == whole.events, "\(single)\n\(whole)")
        }
    }
}

/// The result of a reader, the content of each request joined to one event.
private struct Reading {
    private(set) var events: [RequestReader.Event] = []
    private var toCome: Int?

    init(_ reads: [[UInt8]], limits: RequestReader.Limits) {
        var reader = RequestReader(limits: limits)
        var bytes = ByteBuffer()
        // The request line with the header section or the trailers, and an empty line before.
        let mostHeld = max(limits.requestLineBytes + limits.fieldSectionBytes, limits.trailerBytes) + 2
        for read in reads {
            bytes.writeBytes(read)
            var readable = bytes.readableBytes
            while let event = reader.next(&bytes) {
                law("no bytes come back", bytes.readableBytes <= readable)
                check(event, taken: readable - bytes.readableBytes, limits)
                readable = bytes.readableBytes
            }
            if isOver { break }
            law("no more is left waiting than the limits", bytes.readableBytes <= mostHeld, "\(bytes.readableBytes)")
        }
        guard isOver else { return }
        bytes = ByteBuffer(string: "GET / HTTP/1.0\r\n\r\n")
        law("nothing comes after a failure", reader.next(&bytes) == nil)
    }

    private var isOver: Bool { if case .failure = events.last { true } else { false } }

    private mutating func check(_ event: RequestReader.Event, taken: Int, _ limits: RequestReader.Limits) {
        law("nothing comes after a failure", !isOver)
        switch event {
        case .head(let head):
            law("a head follows an end", events.isEmpty || events.last == .end)
            check(head, taken: taken, limits)
            toCome = if case .contentLength(let length) = head.framing { length } else { nil }
        case .body(let piece):
            law("a piece of content is not empty", piece.readableBytes > 0)
            law("content is of bytes that came", piece.readableBytes <= taken)
            toCome = toCome.map { $0 - piece.readableBytes }
            if case .body(var content) = events.last {
                content.writeImmutableBuffer(piece)
                events[events.count - 1] = .body(content)
                return
            }
        case .end:
            law("RFC 9112 §6.3: content has the length that was announced", (toCome ?? 0) == 0)
        case .failure(let failure):
            law("the status is one of those promised", [400, 413, 414, 417, 431, 501, 505].contains(failure.status))
            law("a reason is printable ASCII", failure.reason.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
        }
        events.append(event)
    }

    private func check(_ head: RequestHead, taken: Int, _ limits: RequestReader.Limits) {
        let line = head.method.utf8.count + head.target.utf8.count + " ".utf8.count + " HTTP/1.1\r\n".utf8.count
        law("a request line keeps its limit", line <= limits.requestLineBytes)
        law("a header section keeps its limit", head.fields.bytes.readableBytes + 2 <= limits.fieldSectionBytes)
        law("a head is of bytes that came", head.target.utf8.count + head.fields.bytes.readableBytes < taken)
        law("RFC 9112 §3.2: HTTP/1.1 has a host", head.host != nil || head.minorVersion == 0)
        law("a path begins with a slash", head.pathAndQuery.hasPrefix("/") || head.targetForm == .asterisk)
        var count = 0
        for line in head.fields {
            count += 1
            let (name, value) = (head.fields[line.name], head.fields[line.value])
            law(
                "RFC 9110 §5.1: a name is a token", !name.isEmpty && name.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
            )
            law("RFC 9110 §5.5: a value has no line end", !value.utf8.contains { $0 == 0 || $0 == 10 || $0 == 13 })
            law("a field is found by its name", head.fields.values(of: name.lowercased()).contains(value))
        }
        law("no more fields than the limit", count <= limits.fieldCount)
    }
}
