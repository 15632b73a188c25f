import CarafeHTTP
import HTTPTypes
import NIOHPACK

/// The head of a response in HTTP/2 (RFC 9113 §8.3.2).
struct HTTP2Response {
    let fields: HPACKHeaders
    /// Whether data frames follow.
    let hasBody: Bool

    init(_ response: Response, to method: HTTPRequest.Method, date: String) {
        let isTunnel = response.upgrade != nil
        // RFC 8441 §5: where HTTP/1.1 says 101.
        let status = isTunnel ? 200 : response.status.code
        let isBare = status < 200 || status == 204 || status == 304
        hasBody = !isTunnel && !isBare && method != .head && response.body.length != 0
        var fields = HPACKHeaders()
        fields.reserveCapacity(response.headers.count + 3)
        fields.add(name: ":status", value: String(status))
        let options = response.headers[.connection].map { Array(TokenList($0.lowercased())) } ?? []
        for field in response.headers where !Self.isLeftOut(field.name, isTunnel: isTunnel) {
            // RFC 9110 §7.6.1: what Connection names is of the connection too.
            if !options.isEmpty, options.contains(field.name.canonicalName) { continue }
            // RFC 9113 §8.2: names are in lower case.
            fields.add(name: field.name.canonicalName, value: field.value)
        }
        if !isTunnel, !isBare, let length = response.body.length {
            fields.add(name: "content-length", value: String(length))
        }
        fields.add(name: "date", value: date)
        self.fields = fields
    }

    /// Whether only the server can know a field, or it is one of a connection (RFC 9113 §8.2.2).
    private static func isLeftOut(_ name: HTTPField.Name, isTunnel: Bool) -> Bool {
        switch name.canonicalName {
        case "content-length", "date", "connection", "transfer-encoding", "keep-alive", "proxy-connection", "upgrade",
            "te":
            true
        case "sec-websocket-accept": isTunnel
        default: false
        }
    }
}
