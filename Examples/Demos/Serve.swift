import ArgumentParser
public import Carafe

/// The main of every demo: reads `--host` and `--port`, makes the app and runs it.
public func serve(_ makeApp: () throws -> App) async {
    let address = Address.parseOrExit()
    await run(host: address.host, port: address.port, makeApp)
}

private struct Address: ParsableArguments {
    @Option(help: "The name or address to listen on; 0.0.0.0 for all.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 picks a free one.")
    var port = 9988
}
