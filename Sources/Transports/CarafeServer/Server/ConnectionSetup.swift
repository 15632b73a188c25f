package import CarafeHTTP
package import CarafeRuntime
package import NIOCore

/// Sets up the pipelines of connections: TLS, and the version of HTTP that the two sides agree on.
package protocol ConnectionSetup: Sendable {
    /// Adds handlers to the pipeline of a new connection, and those of HTTP once its version is known. On the event
    /// loop.
    func configure(_ connection: AcceptedConnection) throws
}

/// The pipeline's name for the handler that encrypts. A close from below it sends no `close_notify`.
package let encryptionHandlerName = "encryption"

/// A connection that the server has accepted and that has no handlers yet.
package struct AcceptedConnection: Sendable {
    package let channel: any Channel
    package let executor: EventLoopExecutor
    package let service: HTTPService

    /// Speaks HTTP/1.1 from here on.
    package func startHTTP1(isSecure: Bool) throws {
        let handler = HTTPConnection(service: service, connection: makeConnection(isSecure: isSecure))
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Makes the value that its requests have of it.
    package func makeConnection(isSecure: Bool, isMultiplexed: Bool = false) -> Connection {
        Connection(
            executor: executor, peerAddress: channel.remoteAddress, isSecure: isSecure, isMultiplexed: isMultiplexed,
            logger: service.configuration.logger)
    }
}
