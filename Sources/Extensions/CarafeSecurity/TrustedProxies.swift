public import CarafeApp
import CarafeRuntime
import NIOCore

/// Takes the client's address from the header fields of your own proxies.
///
/// ```swift
/// try app.install(TrustedProxies(["10.0.0.0/8", "::1"]))
/// ```
///
/// Then `request.remoteAddress` and `request.isSecure`, and everything based on them (rate limits, limits per address,
/// secure cookies), are those of the client. It works before all middleware and hooks, in whatever order they were
/// installed; in a mounted app it works for that app alone.
///
/// A client can write these fields too. So they count only in requests from a listed address, and of a chain only the
/// part that trusted proxies wrote counts: from the right, up to the first address that is not listed.
public struct TrustedProxies: Extension {
    /// The fields that the proxies write. Only one kind counts: proxies forward the other one as the client wrote it.
    public enum Source: Sendable {
        /// `X-Forwarded-For` and `X-Forwarded-Proto`, which nearly all proxies can write.
        case xForwarded
        /// `Forwarded` (RFC 7239).
        case forwarded
    }

    private let ranges: [AddressRange]
    private let source: Source
    private let trustsHost: Bool

    /// Creates the extension.
    ///
    /// - Parameters:
    ///   - ranges: The addresses of the proxies.
    ///   - source: The fields that they write.
    ///   - trustsHost: Whether `request.host` comes from the proxies too. Switch it on only if they write the field in
    ///     every request, because the client may have written it otherwise. It is not needed for a proxy that forwards
    ///     `Host`.
    /// - Throws: `AddressRangeError` for a text that is not a range.
    public init(_ ranges: [String], by source: Source = .xForwarded, trustsHost: Bool = false) throws(AddressRangeError)
    {
        var known: [AddressRange] = []
        for range in ranges { known.append(try AddressRange(range)) }
        self.ranges = known
        self.source = source
        self.trustsHost = trustsHost
    }

    /// Registers a transform of each request.
    public func install(in app: inout App) {
        app.onRequest { [self] request in
            guard let text = request.connection.peerAddress?.ipAddress, let peer = IPAddress(text), trusts(peer) else {
                return
            }
            request.forwarding = forwarding(of: request.headers)
        }
    }

    private func trusts(_ address: IPAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }

    /// Returns the statement of the last trusted proxy in the chain.
    private func forwarding(of headers: Headers) -> Forwarding? {
        let hops = source == .forwarded ? ForwardedHop.forwarded(headers) : ForwardedHop.xForwarded(headers)
        var client: ForwardedHop?
        for hop in hops {
            // If an address cannot be read, the client is the one before it.
            client = ForwardedHop(address: hop.address ?? client?.address, isSecure: hop.isSecure, host: hop.host)
            guard let address = hop.address, trusts(address) else { break }
        }
        return client.map {
            Forwarding(address: $0.address?.text, isSecure: $0.isSecure, host: trustsHost ? $0.host : nil)
        }
    }
}
