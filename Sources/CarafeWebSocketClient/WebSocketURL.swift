import FoundationEssentials

/// Where a WebSocket is (RFC 6455 §3).
struct WebSocketURL: Equatable {
    /// A name or an address, without the brackets of IPv6.
    var host: String
    var port: Int
    /// Whether the connection is encrypted: `wss`.
    var isSecure: Bool
    /// Path and query, percent-encoded, as they stand in the request.
    var resource: String

    init(_ text: String) throws(WebSocketClientError) {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(),
            let host = url.host(percentEncoded: false), !host.isEmpty
        else { throw .badURL(text, "expected ws://HOST:PORT/PATH or wss://…") }
        switch scheme {
        case "ws": isSecure = false
        case "wss": isSecure = true
        default: throw .badURL(text, "expected the scheme ws or wss")
        }
        // RFC 6455 §3: a fragment has no meaning here and must not be used.
        guard url.fragment == nil else { throw .badURL(text, "expected no fragment") }
        guard url.user == nil else { throw .badURL(text, "expected no user; send the field Authorization") }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? (isSecure ? 443 : 80)
        guard (1...65_535).contains(port) else { throw .badURL(text, "expected a port from 1 to 65535") }
        let path = url.path(percentEncoded: true)
        resource = (path.isEmpty ? "/" : path) + (url.query(percentEncoded: true).map { "?" + $0 } ?? "")
    }

    /// The value of `Host` (RFC 9110 §7.2): the port only where it is not the scheme's.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}
