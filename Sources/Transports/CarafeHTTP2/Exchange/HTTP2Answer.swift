import CarafeHTTP
import CarafeHTTP1
import CarafeServer
import HTTPTypes
import NIOCore
import NIOHPACK
import NIOHTTP2

/// An answer without a handler, with a short text or nothing as its body.
struct HTTP2Answer {
    private let method: HTTPRequest.Method
    private let response: Response
    private let isMalformed: Bool

    /// Makes the answer to `OPTIONS *` (RFC 9110 §9.3.7).
    init() {
        method = .options
        response = Response(.noContent)
        isMalformed = false
    }

    /// Makes the refusal of a request that is malformed, or past a limit.
    init(_ failure: RequestError, to block: HPACKHeaders) {
        // RFC 9110 §9.3.2: no content answers a HEAD, whatever else is wrong with it.
        method = HTTPRequest.Method(rawValue: block.first(name: ":method") ?? "") ?? .get
        response = Response(.init(code: failure.status), text: failure.reason)
        isMalformed = failure.status == 400
    }

    func write(on stream: HTTP2Stream) {
        let head = HTTP2Response(response, to: method, date: stream.service.date.value)
        let fields = HTTP2Frame.FramePayload.headers(.init(headers: head.fields, endStream: !head.hasBody))
        if head.hasBody, case .text(let text) = response.body {
            stream.write(fields)
            stream.writeLast(.data(.init(data: .byteBuffer(ByteBuffer(string: text)), endStream: true)))
        } else {
            stream.writeLast(fields)
        }
        stream.complete(isMalformed: isMalformed)
    }
}
