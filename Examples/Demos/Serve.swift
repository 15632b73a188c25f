import ArgumentParser
public import Carafe
import CarafeRooms
import CarafeTLS

/// The main of a demo with rooms: reads `--store` too.
public func serve(_ makeApp: (Store) throws -> App) async {
    await serve {
        let store = Store.memory
        var app = try makeApp(store)
        try app.install(store.rooms)
        return app
    }
}

/// The main of each demo: reads `--host`, `--port` and the path of the certificate, makes the app and runs it. With
/// `--routes` it prints the routes of the app and ends.
public func serve(_ makeApp: () throws -> App) async {
    let options = ServeOptions.parseOrExit()
    guard !options.routes else {
        do { print(try makeApp().routes) } catch { ServeOptions.exit(withError: error) }
        return
    }
    await run(try options.configuration, makeApp)
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

    var configuration: ServerConfiguration {
        get throws {
            var configuration = ServerConfiguration(host: host, port: port)
            if let certificate, let key { configuration.tls = try TLS(certificate: certificate, key: key) }
            return configuration
        }
    }
}
