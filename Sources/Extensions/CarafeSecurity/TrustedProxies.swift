public import CarafeApp
import CarafeRuntime
import NIOCore

/// Takes a proxy's word for who the client is, if it is a proxy of yours.
///
/// ```swift
/// try app.install(TrustedProxies(["10.0.0.0/8", "::1"]))
/// ```
///
/// Then `request.remoteAddress` and `request.isSecure`, and all that goes by them (rate limits, limits per address,
/// secure cookies), are those of the client. It works before all middleware and hooks, whatever the order in which
/// things were installed; in a mounted app it works for that app alone.
///
/// A client can write these fields too. So they count only from an address of the list, and of a chain only the part
/// that trusted proxies wrote: from the right, up to the first address that is none of theirs.
public struct TrustedProxies: Extension {
    /// Which fields the proxies write. One way only: the other is the client's own, which proxies pass on unseen.
    public enum Source: Sendable {
        /// `X-Forwarded-For` and `X-Forwarded-Proto`, which nearly all proxies can write.
        case xForwarded
        /// `Forwarded` (RFC 7239).
        case forwarded
    }

    private let ranges: [AddressRange]
    private let source: Source
    private let trustsHost: Bool

    /// - Parameters:
    ///   - ranges: where the proxies are; throws `BadAddressRange` for what is none.
    ///   - source: the fields that they write.
    ///   - trustsHost: whether `request.host` is what the proxies say, too. Only if they write it in every request:
    ///     what they leave alone the client may have written. A proxy that passes `Host` on needs it not.
    public init(_ ranges: [String], by source: Source = .xForwarded, trustsHost: Bool = false) throws(BadAddressRange) {
        var known: [AddressRange] = []
        for range in ranges { known.append(try AddressRange(range)) }
        self.ranges = known
        self.source = source
        self.trustsHost = trustsHost
    }

    public func install(in app: inout App) {
        app.onArrival { [self] request in
            guard let text = request.connection.peerAddress?.ipAddress, let peer = IPAddress(text), trusts(peer) else {
                return
            }
            request.forwarding = forwarding(of: request.headers)
        }
    }

    private func trusts(_ address: IPAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }

    /// What the last trusted proxy in the chain says.
    private func forwarding(of headers: Headers) -> Forwarding? {
        let hops = source == .forwarded ? ForwardedHop.forwarded(headers) : ForwardedHop.xForwarded(headers)
        var client: ForwardedHop?
        for hop in hops {
            // Where an address cannot be read, the client is the one before it.
            client = ForwardedHop(address: hop.address ?? client?.address, isSecure: hop.isSecure, host: hop.host)
            guard let address = hop.address, trusts(address) else { break }
        }
        return client.map {
            Forwarding(address: $0.address?.text, isSecure: $0.isSecure, host: trustsHost ? $0.host : nil)
        }
    }
}
