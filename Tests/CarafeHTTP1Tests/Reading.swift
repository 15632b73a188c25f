import NIOCore

@testable import CarafeHTTP1

/// The events that a reader makes of the pieces, one after the other, the content of a request joined to one event.
func read(_ pieces: [[UInt8]], limits: RequestReader.Limits = .init()) -> [RequestReader.Event] {
    var reader = RequestReader(limits: limits)
    var bytes = ByteBuffer()
    var events: [RequestReader.Event] = []
    for piece in pieces {
        bytes.writeBytes(piece)
        while let event = reader.next(&bytes) {
            if case .body(var more) = event, case .body(var content) = events.last {
                content.writeBuffer(&more)
                events[events.count - 1] = .body(content)
            } else {
                events.append(event)
            }
        }
    }
    return events
}

func read(_ text: String, limits: RequestReader.Limits = .init()) -> [RequestReader.Event] {
    read([Array(text.utf8)], limits: limits)
}

/// The head of a request that begins the text.
func requestHead(_ text: String) -> RequestHead? {
    guard case .head(let head) = read(text).first else { return nil }
    return head
}

/// The status with which the text is refused; nil when it is not, or not yet.
func refusal(_ text: String, limits: RequestReader.Limits = .init()) -> Int? {
    guard case .failure(let failure) = read(text, limits: limits).last else { return nil }
    return failure.status
}

/// A GET request with these lines after Host, each without its CRLF.
func get(_ lines: String...) -> String {
    "GET / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
}

/// A POST request with chunked content.
func chunked(_ content: String) -> String {
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + content
}

/// Runs a check on the bytes of a text, all of it or from an offset on.
func check<Result>(_ text: String, _ body: (RawSpan, Range<Int>) throws -> Result) rethrows -> Result {
    let bytes = ByteBuffer(string: text)
    return try body(bytes.readableBytesSpan, 0..<bytes.readableBytes)
}
