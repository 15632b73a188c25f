public import NIOCore

/// A response that leaves HTTP: after it, the connection speaks another protocol (RFC 9110 §7.8).
public struct Upgrade: Sendable {
    /// The name that the response's `Upgrade` field carries.
    public var protocolName: String

    /// Takes the connection over, on its event loop, after the 101 went out and HTTP has left the pipeline.
    public var start: @Sendable (any Channel) throws -> Void

    /// Creates an upgrade.
    ///
    /// - Parameters:
    ///   - protocolName: The value of the response's Upgrade field (RFC 9110 §7.8).
    ///   - start: Starts the protocol on the channel, on its event loop, after the 101 was sent and HTTP has left the
    ///     pipeline.
    public init(protocolName: String, start: @escaping @Sendable (any Channel) throws -> Void) {
        self.protocolName = protocolName
        self.start = start
    }
}

/// The event that leaves through the channel when a protocol that took it over ends, for the metrics.
package struct UpgradeEnded: Sendable {
    /// The protocol's own code of its end.
    package var code: Int

    package init(code: Int) {
        self.code = code
    }
}
