import CarafeHTTP
import CarafeHTTP1
import HTTPTypes

extension Request {
    /// Makes the request of a head in HTTP/1.1, of which the method and the target were read.
    // Of these, and not of a value of its own with all of them, whose copies show in the cost of a small request.
    init(
        _ head: RequestHead, _ method: HTTPRequest.Method, _ target: Target, body: RequestBody, connection: Connection
    ) {
        self.init(
            method: method, target: target, headers: Headers(lines: head.fields.bytes), body: body,
            connection: connection)
        // RFC 9112 §3.2.2: with an absolute-form target its authority counts, and Host is ignored.
        if head.targetForm == .absolute { authority = head.host }
        if head.upgrade { upgrade = headers.ascii(.upgrade)?.lowercased() }
    }
}
