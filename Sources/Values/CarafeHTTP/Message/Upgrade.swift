public import NIOCore

/// A response that leaves HTTP: after it, the connection speaks another protocol (RFC 9110 §7.8).
public struct Upgrade: Sendable {
    /// The name that the response's `Upgrade` field carries.
    public var protocolName: String

    /// Takes the connection over, on its event loop, after the 101 went out and HTTP has left the pipeline.
    public var take: @Sendable (any Channel) throws -> Void

    public init(protocolName: String, take: @escaping @Sendable (any Channel) throws -> Void) {
        self.protocolName = protocolName
        self.take = take
    }
}

/// Goes out through the channel when a protocol that took it over is at its end, for whoever counts.
package struct UpgradeEnded: Sendable {
    /// How it ended, in the protocol's own numbers.
    package var code: Int

    package init(code: Int) {
        self.code = code
    }
}
