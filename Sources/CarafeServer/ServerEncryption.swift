package import CarafeHTTP
package import NIOCore

/// What encrypts connections, below HTTP.
package protocol ServerEncryption: Sendable {
    /// Puts its handlers into the pipeline of a new connection, and HTTP once it knows of which version; on the event
    /// loop.
    func begin(_ connection: NewConnection) throws
}

/// The pipeline's name for the handler that encrypts. A close from below it sends no `close_notify`.
package let encryptionHandlerName = "encryption"

/// A connection that a client has opened, before anything was said.
package struct NewConnection: Sendable {
    package let channel: any Channel
    package let executor: EventLoopExecutor
    package let service: HTTPService

    /// Speaks HTTP/1.1 from here on.
    package func startHTTP1(isSecure: Bool) throws {
        let handler = HTTPConnection(service: service, connection: makeConnection(isSecure: isSecure))
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// What its requests know of it.
    package func makeConnection(isSecure: Bool, isMultiplexed: Bool = false) -> Connection {
        Connection(
            executor: executor, peerAddress: channel.remoteAddress, isSecure: isSecure, isMultiplexed: isMultiplexed,
            logger: service.configuration.logger)
    }
}
