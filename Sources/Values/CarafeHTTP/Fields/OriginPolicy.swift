import HTTPTypes
import Logging

/// The pages from which a request may come, by the `Origin` that their browser sends (RFC 6454 §7, RFC 6455 §10.2).
///
/// Browsers let a page post forms to other sites and open WebSockets there, cookies included. They only state the
/// page's origin, and leave it to the server to refuse.
public enum OriginPolicy: Sendable, Hashable {
    /// Allows pages of the request's own host, at the same port. The default to choose.
    case sameHost

    /// Allows pages of these origins, such as `https://example.com` or `http://localhost:8080`; `null` stands for
    /// itself.
    case list([String])

    /// Allows pages of any site. Use it only for public data, and never together with cookies.
    case any

    /// Returns whether the policy allows a request, by its `Origin` and `Host` fields.
    ///
    /// A client that sends no Origin is not a browser and is allowed: it could send any origin, and does not carry a
    /// user's cookies (RFC 6455 §10.2, §4.2.1).
    public func allows(origin: String?, host: String?) -> Bool {
        guard let text = origin else { return true }
        let origin = Origin(text)
        switch self {
        case .any:
            return true
        case .sameHost:
            guard let origin, let host, let defaultPort = origin.defaultPort else { return false }
            // Host has no scheme, and TLS may end before us; so the origin's scheme determines the port of a bare host.
            return HostAndPort(host)?.filled(with: defaultPort) == origin.address
        case .list(let origins):
            return origins.contains { $0.hasBytes(of: text) || Origin($0).map { $0 == origin } ?? false }
        }
    }
}

extension Request {
    /// Checks the page from which a request comes.
    ///
    /// The response and a line in the log name the two texts that were compared, and the remedy for a proxy that
    /// changes one of them.
    ///
    /// - Throws: 403 for a page that the policy does not allow.
    package func checkOrigin(_ policy: OriginPolicy) throws(HTTPError) {
        guard headers.contains(.origin) else { return }
        let origin = headers[.origin] ?? ""
        guard !policy.allows(origin: origin, host: host) else { return }
        let (found, asked) = (Self.quoted(origin), host.map(Self.quoted) ?? "none")
        // A client's fault: at a level that is on by default, clients could fill a disk.
        logger.debug(
            "refused a page of another origin",
            metadata: ["request.origin": "\(found)", "request.host": "\(asked)", "request.path": "\(target.path)"])
        guard case .sameHost = policy else {
            throw HTTPError(.forbidden, "Expected a page of an origin that is allowed here, found Origin \(found).")
        }
        throw HTTPError(
            .forbidden,
            "Expected a page of the host that was asked, found Origin \(found) and Host \(asked). A proxy between them "
                + "has to pass Host on as the browser sent it, with its port: in nginx, "
                + "proxy_set_header Host $http_host;")
    }

    /// RFC 1035 §2.3.4: a host is at most 255 bytes; a client may have sent more.
    private static func quoted(_ text: String) -> String {
        String(decoding: text.utf8.prefix(300), as: UTF8.self).debugDescription
    }
}
