public import CarafeApp
public import CarafeServer
import Logging
public import NIOCore
import ServiceLifecycle
import UnixSignals

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension App {
    /// Serves the app until SIGINT or SIGTERM. It is the whole of a program's main.
    ///
    /// It prints the address on standard output, in debug mode after the routes, and stops gracefully. An error that
    /// keeps it from starting is one line on standard error and exit status 1; to handle errors yourself, run
    /// `server()` as a service.
    ///
    /// - Parameters:
    ///   - host: A name or an address; `0.0.0.0` and `::` listen on all interfaces.
    ///   - port: The port; 0 takes a free one.
    public func run(host: String = "127.0.0.1", port: Int = 9988) async {
        await run(ServerConfiguration(host: host, port: port))
    }

    /// Serves the app as `run(host:port:)` does, with a configuration.
    public func run(_ configuration: ServerConfiguration) async {
        await exitOnError {
            let scheme = configuration.connectionSetup == nil ? "http" : "https"
            let routes = debug ? try routes : nil
            let server = try server(configuration) { address in
                if let routes { print(routes) }
                // A pipe would hold the line back until its buffer is full.
                print(
                    "Carafe is listening on \(scheme)://\(urlHost(configuration.host)):\(address.port ?? configuration.port)"
                )
                fflush(nil)
            }
            let group = ServiceGroup(
                services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(configuration.logger)
            )
            try await aroundServing { try await group.run() }
        }
    }

    /// Returns the app behind a port, as a service for a program that runs other services too.
    ///
    /// That program calls `aroundServing(_:)` around its services.
    ///
    /// - Parameters:
    ///   - configuration: The address and the limits.
    ///   - onListening: Gets the address once the server listens.
    /// - Returns: The server, which is not running yet.
    /// - Throws: The first error of the app's set-up.
    public func server(
        _ configuration: ServerConfiguration = ServerConfiguration(),
        onListening: @escaping @Sendable (SocketAddress) async -> Void = { _ in }
    ) throws -> Server {
        Server(configuration: configuration, onListening: onListening, handler: try makeHandler())
    }
}

/// Makes an app and serves it. An error in making it is one line on standard error as well.
public func run(host: String = "127.0.0.1", port: Int = 9988, _ makeApp: () throws -> App) async {
    await run(ServerConfiguration(host: host, port: port), makeApp)
}

/// Makes a configuration and an app, and serves it as `run(host:port:_:)` does.
public func run(_ configuration: @autoclosure () throws -> ServerConfiguration, _ makeApp: () throws -> App) async {
    await exitOnError { try await makeApp().run(configuration()) }
}

/// Serves the app that a closure makes, as `run(host:port:_:)` does, with the configuration that the closure sets.
///
/// Errors of the closure are one line on standard error and exit status 1 too, so it is the place to open files and
/// services that the app needs.
///
/// ```swift
/// await run { server in
///     server.port = 8080
///     return try makeApp()
/// }
/// ```
public func run(_ makeApp: (inout ServerConfiguration) async throws -> App) async {
    await exitOnError {
        var configuration = ServerConfiguration()
        let app = try await makeApp(&configuration)
        await app.run(configuration)
    }
}

private func exitOnError(_ body: () async throws -> Void) async {
    ProcessDefaults.set()
    do {
        try await body()
    } catch {
        let line = "error: \(error)\n"
        _ = write(STDERR_FILENO, line, line.utf8.count)
        exit(1)
    }
}

/// Silences the service group, which logs its steps at `info`: here the line with the address is enough.
private func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = .warning
    return logger
}

private func urlHost(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
