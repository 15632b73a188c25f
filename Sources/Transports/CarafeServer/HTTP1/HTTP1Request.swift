import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import HTTPTypes
import NIOCore

/// The head of a request in HTTP/1.1, in the terms of the rest of the house.
struct HTTP1Request {
    let head: RequestHead
    let method: HTTPRequest.Method
    let target: Target
    let headers: Headers
    /// The protocols that the client would change to, in lower case (RFC 9110 §7.8).
    let upgrades: String?

    /// - Returns: Nil where the path cannot be read.
    init?(_ head: RequestHead) {
        guard let target = Target(head.pathAndQuery), let method = HTTPRequest.Method(rawValue: head.method) else {
            return nil
        }
        self.head = head
        self.method = method
        self.target = target
        headers = Headers(lines: head.fields.bytes)
        upgrades = head.upgrade ? headers.ascii(.upgrade)?.lowercased() : nil
    }

    var declaredLength: Int? {
        if case .contentLength(let length) = head.framing { length } else { nil }
    }

    func makeRequest(body: RequestBody, connection: Connection) -> Request {
        var request = Request(method: method, target: target, headers: headers, body: body, connection: connection)
        // RFC 9112 §3.2.2: with an absolute-form target its authority counts, and Host is ignored.
        if head.targetForm == .absolute { request.authority = head.host }
        request.upgrade = upgrades
        return request
    }
}
