import CarafeHTTP
import HTTPTypes
import NIOCore

/// How the body of a response is framed (RFC 9112 §6).
enum ResponseFraming: Equatable {
    /// No body and no length: 1xx, 204, 304.
    case none
    case length(Int)
    case chunked
    /// To a client of HTTP/1.0, a body of unknown length ends with the connection.
    case untilClose

    init(_ response: Response, isVersion11: Bool) {
        let status = response.status.code
        if status < 200 || status == 204 || status == 304 {
            self = .none
        } else if let length = response.body.length {
            self = .length(length)
        } else {
            self = isVersion11 ? .chunked : .untilClose
        }
    }
}

/// Writes the head of a response in one go.
struct ResponseHead {
    let response: Response
    let framing: ResponseFraming
    let keepsAlive: Bool
    let isVersion11: Bool

    func write(into output: inout ByteBuffer, date: DateField) {
        writeStatusLine(into: &output)
        for field in response.headers where !isOurs(field.name) {
            output.writeString(field.name.rawName)
            output.writeStaticString(": ")
            output.writeString(field.value)
            output.writeStaticString("\r\n")
        }
        switch framing {
        case .none: break
        case .length(let length):
            output.writeStaticString("content-length: ")
            output.writeString(String(length))
            output.writeStaticString("\r\n")
        case .chunked: output.writeStaticString("transfer-encoding: chunked\r\n")
        case .untilClose: break
        }
        writeConnection(into: &output)
        date.write(into: &output)
        output.writeStaticString("\r\n")
    }

    private func writeStatusLine(into output: inout ByteBuffer) {
        if response.status == .ok {
            output.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            output.writeString("HTTP/1.1 \(response.status.code) \(response.status.reasonPhrase)\r\n")
        }
    }

    private func writeConnection(into output: inout ByteBuffer) {
        if let upgrade = response.upgrade {
            output.writeString("connection: upgrade\r\nupgrade: \(upgrade.protocolName)\r\n")
        } else if response.status == .upgradeRequired {
            // RFC 9110 §7.8: whoever sends Upgrade lists it in Connection.
            output.writeStaticString(keepsAlive ? "connection: upgrade\r\n" : "connection: upgrade, close\r\n")
        } else if !keepsAlive {
            output.writeStaticString("connection: close\r\n")
        } else if !isVersion11 {
            output.writeStaticString("connection: keep-alive\r\n")
        }
    }

    /// The fields that only the server can know.
    private func isOurs(_ name: HTTPField.Name) -> Bool {
        switch name {
        case .contentLength, .transferEncoding, .connection, .date: true
        case .upgrade: response.upgrade != nil
        default: false
        }
    }
}
