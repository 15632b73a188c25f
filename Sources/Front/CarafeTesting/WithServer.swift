public import CarafeApp
public import CarafeServer
public import FoundationEssentials
import NIOCore

/// Serves an app on a free port of 127.0.0.1 while `body` runs, and stops it gracefully.
///
/// - Parameters:
///   - app: The app.
///   - body: Gets the URL of the server.
/// - Returns: The result of `body`.
/// - Throws: The error of `body`, or the one that keeps the app from being served.
public func withServer<Value: Sendable>(
    _ app: App, _ body: (_ baseURL: URL) async throws -> Value
) async throws -> Value {
    var configuration = ServerConfiguration(port: 0, threads: 2)
    configuration.accessLog = false
    return try await withServer(app, configuration, body)
}

/// Serves an app with a configuration, as `withServer(_:_:)` does.
public func withServer<Value: Sendable>(
    _ app: App, _ configuration: ServerConfiguration, _ body: (_ baseURL: URL) async throws -> Value
) async throws -> Value {
    let (addresses, found) = AsyncStream.makeStream(of: SocketAddress.self)
    let server = Server(configuration: configuration, onListening: { found.yield($0) }, handler: try app.makeHandler())
    let serving = Task {
        defer { found.finish() }
        try await app.aroundServing { try await server.run() }
    }
    for await address in addresses {
        // Digits and dots always form a URL.
        guard let url = URL(string: "http://127.0.0.1:\(address.port ?? 0)") else { break }
        do {
            let value = try await body(url)
            serving.cancel()
            try await serving.value
            return value
        } catch {
            serving.cancel()
            try? await serving.value
            throw error
        }
    }
    try await serving.value
    throw CancellationError()
}
