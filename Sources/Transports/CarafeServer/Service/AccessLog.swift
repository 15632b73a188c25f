package import CarafeHTTP
package import HTTPTypes
import Logging
package import NIOCore

/// Writes one line per request: who, what, the answer, its length and the time it took.
package struct AccessLog: Sendable {
    private let connection: Connection
    private let isOn: Bool

    package init(_ configuration: ServerConfiguration, connection: Connection) {
        isOn = configuration.accessLog
        self.connection = connection
    }

    /// Ends the response for those that asked, and writes its line; `note` names a fault, such as a response that broke
    /// off.
    package func write(
        _ method: HTTPRequest.Method, _ target: Target, number: UInt64, since start: NIODeadline,
        _ response: Response, _ note: String? = nil
    ) {
        response.reportEnd(note == nil ? .sent : .brokenOff)
        guard isOn else { return }
        let peer = response.forwarding?.address ?? connection.peerAddress?.ipAddress ?? "-"
        let length = response.body.length.map(String.init) ?? "-"
        let milliseconds = (connection.eventLoop.now - start).nanoseconds / 10_000
        let time = "\(milliseconds / 100).\(milliseconds % 100 < 10 ? "0" : "")\(milliseconds % 100) ms"
        let line = "\(peer) \(method) \(target) \(response.status.code) \(length) \(time)"
        var metadata: Logger.Metadata = [RequestID.key: "\(RequestID.text(number))"]
        if !response.logMetadata.isEmpty { metadata.merge(response.logMetadata) { $1 } }
        connection.logger.info("\(line)\(note.map { " " + $0 } ?? "")", metadata: metadata)
    }
}
