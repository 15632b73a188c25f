import CarafeHTTP
import CarafeHTTP1
import CarafeServer
import HTTPTypes
import NIOCore
import NIOHPACK

/// The head of a request in HTTP/2 (RFC 9113 §8.3), checked and in the terms of the rest of the house.
///
/// SwiftNIO has checked the names, that each pseudo-header field stands once and first, and that there are no fields of
/// a connection.
struct HTTP2Request {
    let method: HTTPRequest.Method
    let target: Target
    let headers: Headers
    let declaredLength: Int?
    let expectsContinue: Bool
    /// The protocol that takes over the stream (RFC 8441 §4).
    let upgrade: String?
    /// RFC 9110 §9.3.7: `OPTIONS *` asks about the server, not about a resource.
    let isAboutServer: Bool

    init(_ block: HPACKHeaders, limits: ServerConfiguration.Limits) throws(RequestError) {
        try Self.checkSize(of: block, limits)
        let connectProtocol = block.first(name: ":protocol")
        upgrade = connectProtocol?.asciiLowercased
        // Before all that has an answer of its own: a malformed request is so for each method (RFC 9113 §8.1.1).
        headers = try Self.headers(block, upgrade: upgrade)
        guard let method = HTTPRequest.Method(rawValue: block.first(name: ":method") ?? "") else {
            throw .malformed("method: expected a token")
        }
        if method == .connect, connectProtocol == nil { throw Self.failure(ofConnect: block) }
        self.method = connectProtocol == nil ? method : .get
        // RFC 3986 §3.1: a scheme has no case.
        guard block.first(name: ":scheme")?.hasBytesIgnoringCase(of: "https") == true else {
            throw .malformed("scheme: expected https")
        }
        let path = block.first(name: ":path") ?? ""
        isAboutServer = method == .options && path == "*"
        target = try Self.target(isAboutServer ? "/" : path)
        declaredLength = try Self.length(block["content-length"])
        expectsContinue = try Self.expectsContinue(block["expect"])
    }

    func makeRequest(body: RequestBody, connection: Connection) -> Request {
        var request = Request(method: method, target: target, headers: headers, body: body, connection: connection)
        request.upgrade = upgrade
        return request
    }

    /// RFC 9113 §8.5: the authority of a CONNECT is "the host and port to connect to".
    private static func failure(ofConnect block: HPACKHeaders) -> RequestError {
        guard HostAndPort(block.first(name: ":authority") ?? "")?.port != nil else {
            return .malformed("authority: expected a host and a port for CONNECT")
        }
        return RequestError(status: 501, reason: "method: expected another than CONNECT")
    }

    /// RFC 9113 §8.2.1: the fields of a trailer section, which come too late for an answer, are valid too.
    static func areValid(trailers: HPACKHeaders) -> Bool {
        trailers.allSatisfy { isText($0.value) && !isSpaced($0.value) }
    }

    private static func checkSize(of block: HPACKHeaders, _ limits: ServerConfiguration.Limits) throws(RequestError) {
        guard block.first(name: ":path")?.utf8.count ?? 0 <= limits.requestLineBytes else {
            throw RequestError(status: 414, reason: "path: expected at most \(limits.requestLineBytes) bytes")
        }
        var count = 0
        var size = 0
        for (name, value, _) in block where name.utf8.first != UInt8(ascii: ":") {
            count += 1
            size += name.utf8.count + value.utf8.count + 4
        }
        guard count <= limits.headerFields, size <= limits.headerBytes else {
            throw RequestError(
                status: 431,
                reason: "header: expected at most \(limits.headerFields) fields of \(limits.headerBytes) bytes")
        }
    }

    private static func target(_ path: String) throws(RequestError) -> Target {
        // RFC 3986 §2: what HTTP/1.1 takes in a request line.
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }), let target = Target(path)
        else { throw .malformed("path: expected an absolute path that can be read") }
        return target
    }

    private static func length(_ values: [String]) throws(RequestError) -> Int? {
        guard let value = values.first else { return nil }
        guard values.count == 1, value.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let length = Int(value) else {
            throw .malformed("content-length: expected one number")
        }
        return length
    }

    /// RFC 9110 §10.1.1: 417 for every other expectation.
    private static func expectsContinue(_ values: [String]) throws(RequestError) -> Bool {
        for value in values.flatMap({ $0.split(separator: ",") }) {
            guard FieldValue.trimmed(value).lowercased() == "100-continue" else {
                throw RequestError(status: 417, reason: "expect: expected 100-continue, found another expectation")
            }
        }
        return !values.isEmpty
    }

    private static func headers(_ block: HPACKHeaders, upgrade: String?) throws(RequestError) -> Headers {
        let authority = block.first(name: ":authority")
        let hosts = block["host"]
        // RFC 9113 §8.3.1: Host, where it is sent too, identifies the same entity, after normalization (RFC 3986 §6.2).
        guard let host = authority ?? hosts.first, hosts.count <= 1,
            hosts.allSatisfy({ isSame($0, host) })
        else {
            throw .malformed("authority: expected one, and Host the same")
        }
        guard Authority.isValid(host) else { throw .malformed("authority: expected a host and perhaps a port") }
        var lines = ByteBuffer()
        lines.writeString("host: \(host)\r\n")
        // RFC 9113 §8.2.3: "If there are multiple Cookie header fields after decompression, these MUST be concatenated
        // into a single octet string".
        var cookies = block["cookie"]
        for (name, value, _) in block where name.utf8.first != UInt8(ascii: ":") && name != "host" {
            // RFC 8441 §5: a key is not processed.
            if name == "sec-websocket-key", upgrade == "websocket" { continue }
            guard isText(value) else { throw .malformed("header: expected no control characters") }
            guard !isSpaced(value) else { throw .malformed("header: expected no white space around a value") }
            if name == "cookie" {
                if !cookies.isEmpty { lines.writeString("cookie: \(cookies.joined(separator: "; "))\r\n") }
                cookies = []
            } else {
                lines.writeString("\(name): \(value)\r\n")
            }
        }
        // RFC 8441 §5: the handshake goes without these, which the same request in HTTP/1.1 has.
        if upgrade == "websocket" {
            lines.writeString("upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: \(noKey)\r\n")
        }
        return Headers(lines: lines)
    }

    /// Whether the two are the same after normalization by the scheme (RFC 3986 §6.2.3).
    private static func isSame(_ host: String, _ other: String) -> Bool {
        guard let first = HostAndPort(host), let second = HostAndPort(other) else { return host.hasBytes(of: other) }
        return first.filled(with: 443) == second.filled(with: 443)
    }

    /// RFC 9110 §5.5: no control characters but HTAB.
    private static func isText(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    /// RFC 9113 §8.2.1: "A field value MUST NOT start or end with an ASCII whitespace character".
    private static func isSpaced(_ value: String) -> Bool {
        isWhitespace(value.utf8.first) || isWhitespace(value.utf8.last)
    }

    private static func isWhitespace(_ byte: UInt8?) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// Sixteen zeros: the key is there to tell a WebSocket server from another one, and HTTP/2 has its settings for
    /// that.
    private static let noKey = "AAAAAAAAAAAAAAAAAAAAAA=="
}

extension RequestError {
    fileprivate static func malformed(_ reason: String) -> RequestError {
        RequestError(status: 400, reason: reason)
    }
}
