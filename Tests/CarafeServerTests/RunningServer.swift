import CarafeHTTP
import Logging
import NIOCore

@testable import CarafeServer

/// A server on a free port, which the test stops.
struct RunningServer: Sendable {
    let port: Int
    private let serving: Task<Void, any Error>

    static func start(
        _ configure: (inout ServerConfiguration) -> Void = { _ in }, handler: @escaping Handler
    ) async throws -> RunningServer {
        var configuration = ServerConfiguration(port: 0, threads: 2)
        configuration.logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        configure(&configuration)
        let (addresses, found) = AsyncStream.makeStream(of: SocketAddress.self)
        let server = Server(configuration: configuration, onListening: { found.yield($0) }, handler: handler)
        let serving = Task {
            defer { found.finish() }
            try await server.run()
        }
        for await address in addresses {
            return RunningServer(port: address.port ?? 0, serving: serving)
        }
        try await serving.value
        throw CancellationError()
    }

    /// Tells the server to stop, as SIGTERM does.
    func beginStopping() {
        serving.cancel()
    }

    /// Ends when everything has ended.
    func waitForEnd() async throws {
        try await serving.value
    }

    func stop() async throws {
        beginStopping()
        try await waitForEnd()
    }
}
