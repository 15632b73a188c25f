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
    /// Serves the app until SIGINT or SIGTERM: the whole of a program's main.
    ///
    /// It prints the address on standard output, in debug mode after its routes, and stops gracefully. What keeps it
    /// from starting is one line on standard error and exit status 1; to handle that yourself, run `server()` as a
    /// service.
    public func run(host: String = "127.0.0.1", port: Int = 9988) async {
        await run(ServerConfiguration(host: host, port: port))
    }

    /// Serves the app as `run(host:port:)` does, with all that can be configured.
    public func run(_ configuration: ServerConfiguration) async {
        await exitOnError {
            let scheme = configuration.connectionSetup == nil ? "http" : "https"
            let routes = debug ? try routes : nil
            let server = try server(configuration) { address in
                if let routes { print(routes) }
                // A pipe would keep the line back until it is full.
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

    /// The app behind a port, as a service for a program that runs others too.
    ///
    /// Throws what is wrong with the app. `aroundServing` is for that program to call.
    public func server(
        _ configuration: ServerConfiguration = ServerConfiguration(),
        onListening: @escaping @Sendable (SocketAddress) async -> Void = { _ in }
    ) throws -> Server {
        Server(configuration: configuration, onListening: onListening, handler: try makeHandler())
    }
}

/// Makes an app and serves it: what goes wrong while it is made is one line on standard error too.
public func run(host: String = "127.0.0.1", port: Int = 9988, _ makeApp: () throws -> App) async {
    await run(ServerConfiguration(host: host, port: port), makeApp)
}

/// Makes a configuration and an app, and serves it as `run(host:port:_:)` does.
public func run(_ configuration: @autoclosure () throws -> ServerConfiguration, _ makeApp: () throws -> App) async {
    await exitOnError { try await makeApp().run(configuration()) }
}

/// Serves the app that the closure makes, as `run(host:port:_:)` does, with the configuration that it sets.
///
/// What it throws is one line on standard error and exit status 1 as well, so that files and services that are read
/// before the start belong into it.
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

/// The service group tells of its steps at `info`; here the line with the address says it all.
private func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = .warning
    return logger
}

private func urlHost(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
