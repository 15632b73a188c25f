import CarafeHTTP
import CarafeHTTP1
import HTTPTypes
import NIOCore

/// The head of a response in HTTP/1.1, which is written in one go.
struct HTTP1Response {
    let response: Response
    let framing: ResponseFraming
    let keepsAlive: Bool
    let isVersion11: Bool

    func write(into output: inout ByteBuffer, date: DateField) {
        StatusLine(code: response.status.code, reasonPhrase: response.status.reasonPhrase).write(into: &output)
        for field in response.headers where !isOurs(field.name) {
            FieldLine(field.name.rawName, field.value).write(into: &output)
        }
        framing.writeField(into: &output)
        writeConnection(into: &output)
        date.write(into: &output)
        FieldLine.writeEnd(into: &output)
    }

    private func writeConnection(into output: inout ByteBuffer) {
        if let upgrade = response.upgrade {
            output.writeString("connection: upgrade\r\nupgrade: \(upgrade.protocolName)\r\n")
        } else if response.status == .upgradeRequired {
            // RFC 9110 §7.8: "A sender of Upgrade MUST also send an "Upgrade" connection option".
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

extension ResponseFraming {
    init(_ response: Response, isVersion11: Bool) {
        self.init(status: response.status.code, length: response.body.length, isVersion11: isVersion11)
    }
}
