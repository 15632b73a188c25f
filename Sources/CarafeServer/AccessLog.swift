import CarafeHTTP
import HTTPTypes
import Logging
import NIOCore

extension HTTPConnection {
    /// One line per request: who, what, the answer, its length and the time it took.
    func logAccess(_ exchange: Exchange, _ response: Response, _ note: String?) {
        guard service.configuration.accessLog else { return }
        let peer = connection.peerAddress?.ipAddress ?? "-"
        let length = response.body.length.map(String.init) ?? "-"
        let milliseconds = (eventLoop.now - exchange.start).nanoseconds / 10_000
        let time = "\(milliseconds / 100).\(milliseconds % 100 < 10 ? "0" : "")\(milliseconds % 100) ms"
        let line = "\(peer) \(exchange.method) \(exchange.target) \(response.status.code) \(length) \(time)"
        connection.logger.info("\(line)\(note.map { " " + $0 } ?? "")")
    }
}
