import CarafeHTTP
import CarafeHTTP1Codec
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

    init(_ block: HPACKHeaders, limits: ServerConfiguration.Limits) throws(RequestFailure) {
        try Self.checkSize(of: block, limits)
        let connectProtocol = block.first(name: ":protocol")
        let text = block.first(name: ":method") ?? ""
        guard text != "CONNECT" || connectProtocol != nil else {
            throw RequestFailure(status: 501, reason: "method: expected another than CONNECT")
        }
        guard let method = HTTPRequest.Method(rawValue: text) else {
            throw .malformed("method: expected a token")
        }
        self.method = connectProtocol == nil ? method : .get
        upgrade = connectProtocol?.lowercased()
        guard block.first(name: ":scheme") == "https" else { throw .malformed("scheme: expected https") }
        target = try Self.target(block.first(name: ":path") ?? "")
        declaredLength = try Self.length(block["content-length"])
        expectsContinue = try Self.expectsContinue(block["expect"])
        headers = try Self.headers(block, upgrade: upgrade)
    }

    private static func checkSize(of block: HPACKHeaders, _ limits: ServerConfiguration.Limits) throws(RequestFailure) {
        guard block.first(name: ":path")?.utf8.count ?? 0 <= limits.requestLine else {
            throw RequestFailure(status: 414, reason: "path: expected at most \(limits.requestLine) bytes")
        }
        var count = 0
        var size = 0
        for (name, value, _) in block where name.utf8.first != UInt8(ascii: ":") {
            count += 1
            size += name.utf8.count + value.utf8.count + 4
        }
        guard count <= limits.headerCount, size <= limits.headers else {
            throw RequestFailure(
                status: 431, reason: "header: expected at most \(limits.headerCount) fields of \(limits.headers) bytes")
        }
    }

    private static func target(_ path: String) throws(RequestFailure) -> Target {
        // RFC 3986 §2: what HTTP/1.1 takes in a request line.
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }), let target = Target(path)
        else { throw .malformed("path: expected an absolute path that can be read") }
        return target
    }

    private static func length(_ values: [String]) throws(RequestFailure) -> Int? {
        guard let value = values.first else { return nil }
        guard values.count == 1, value.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let length = Int(value) else {
            throw .malformed("content-length: expected one number")
        }
        return length
    }

    /// RFC 9110 §10.1.1: 417 for every other expectation.
    private static func expectsContinue(_ values: [String]) throws(RequestFailure) -> Bool {
        for value in values.flatMap({ $0.split(separator: ",") }) {
            guard FieldValue.trimmed(value).lowercased() == "100-continue" else {
                throw RequestFailure(status: 417, reason: "expect: expected 100-continue, found another expectation")
            }
        }
        return !values.isEmpty
    }

    private static func headers(_ block: HPACKHeaders, upgrade: String?) throws(RequestFailure) -> Headers {
        let authority = block.first(name: ":authority")
        let hosts = block["host"]
        // RFC 9113 §8.3.1: Host, where it is sent too, identifies the same entity, after normalization (RFC 3986 §6.2).
        guard let host = authority ?? hosts.first, hosts.count <= 1,
            hosts.allSatisfy({ normalized($0) == normalized(host) })
        else {
            throw .malformed("authority: expected one, and Host the same")
        }
        guard Authority.isValid(host) else { throw .malformed("authority: expected a host and perhaps a port") }
        var lines = ByteBuffer()
        lines.writeString("host: \(host)\r\n")
        for (name, value, _) in block where name.utf8.first != UInt8(ascii: ":") && name != "host" {
            // RFC 9110 §5.5: no control characters but HTAB.
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .malformed("header: expected no control characters")
            }
            // RFC 9113 §8.2.1: "A field value MUST NOT start or end with an ASCII whitespace character".
            guard !isWhitespace(value.utf8.first), !isWhitespace(value.utf8.last) else {
                throw .malformed("header: expected no white space around a value")
            }
            lines.writeString("\(name): \(value)\r\n")
        }
        // RFC 8441 §5: the handshake goes without these, which the same request in HTTP/1.1 has.
        if upgrade == "websocket" {
            lines.writeString("upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: \(noKey)\r\n")
        }
        return Headers(lines: lines)
    }

    /// Without the port that https has by default, and in lower case.
    private static func normalized(_ host: String) -> String {
        let host = host.lowercased()
        return host.hasSuffix(":443") ? String(host.dropLast(4)) : host
    }

    private static func isWhitespace(_ byte: UInt8?) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// Sixteen zeros: the key is there to tell a WebSocket server from another one, and HTTP/2 has its settings for that.
    private static let noKey = "AAAAAAAAAAAAAAAAAAAAAA=="
}

extension RequestFailure {
    fileprivate static func malformed(_ reason: String) -> RequestFailure {
        RequestFailure(status: 400, reason: reason)
    }
}
