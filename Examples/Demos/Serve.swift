import ArgumentParser
public import Carafe
import CarafeRooms
import CarafeTLS
import Foundation

/// The main of a demo: reads `--host`, `--port` and the path of the certificate, makes the app and runs it. With
/// `--routes` it prints the routes of the app and ends.
public func serve(_ makeApp: () throws -> App) async {
    await ServeOptions.parseOrExit().serve(makeApp)
}

/// The main of a demo with rooms, which reads `--store` too.
public func serveWithStore(_ makeApp: (Store) throws -> App) async {
    let options = StoreOptions.parseOrExit()
    do {
        let store = try await options.opened
        await options.serving.serve {
            var app = try makeApp(store)
            try app.install(store.rooms)
            return app
        }
    } catch {
        StoreOptions.exit(withError: error)
    }
}

private struct ServeOptions: ParsableArguments {
    @Option(help: "The name or address to listen on; 0.0.0.0 for all.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 picks a free one.")
    var port = 9988

    @Option(help: "A PEM file with the certificate chain, to serve https.")
    var certificate: String?

    @Option(help: "A PEM file with the certificate's private key.")
    var key: String?

    @Flag(help: "Print the routes of the app and end.")
    var routes = false

    func validate() throws {
        if (certificate == nil) != (key == nil) { throw ValidationError("Expected --certificate and --key together.") }
    }

    func serve(_ makeApp: () throws -> App) async {
        do {
            if routes { return print(try makeApp().routes) }
            await run(try configuration, makeApp)
        } catch {
            Self.exit(withError: error)
        }
    }

    private var configuration: ServerConfiguration {
        get throws {
            var configuration = ServerConfiguration(host: host, port: port)
            if let certificate, let key { configuration.tls = try TLS(certificate: certificate, key: key) }
            return configuration
        }
    }
}

private struct StoreOptions: ParsableArguments {
    @OptionGroup var serving: ServeOptions

    @Option(help: "Where rooms and sessions are kept: memory, sqlite:FILE or redis://HOST:PORT; STORE is another way.")
    var store: String?

    var opened: Store {
        get async throws { try await Store(store ?? ProcessInfo.processInfo.environment["STORE"] ?? "memory") }
    }
}
