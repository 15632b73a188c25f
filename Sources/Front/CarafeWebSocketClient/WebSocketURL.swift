import CarafeHTTP
import FoundationEssentials

/// The URL of a WebSocket (RFC 6455 §3).
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
        // RFC 6455 §4.1: a URL that is not valid fails the connection; its host also goes into a field.
        guard HostAndPort(name) != nil else {
            throw .badURL(text, "expected a host of letters, digits, dots and hyphens, others as xn--…, or an address")
        }
    }

    /// The host as in `Host`: an IPv6 address in brackets, without the zone, which is of this machine only
    /// (RFC 6874 §4).
    private var name: String {
        host.contains(":") ? "[\(host.prefix { $0 != "%" })]" : host
    }

    /// The value of `Host` (RFC 9110 §7.2): the port only where it is not the scheme's.
    var authority: String {
        port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}
