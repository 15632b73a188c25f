import Carafe
import CarafeTesting
import FoundationEssentials
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite(.timeLimit(.minutes(10))) struct AppRunTests {
    @Test("a port in use is one line and status 1") func portInUse() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            try await withServer(App()) { baseURL in
                await App().run(port: baseURL.port ?? 0)
            }
        }
        try expectOneLine(result, containing: ["port"])
    }

    @Test("a bad host is one line and status 1") func badHost() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await App().run(host: "host.invalid", port: 0)
        }
        try expectOneLine(result, containing: ["host.invalid"])
    }

    @Test("a bad route is one line and status 1") func badRoute() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            var app = App()
            app.get("/users/<int:id>") { (_, id: String) in id }
            await app.run(port: 0)
        }
        try expectOneLine(result, containing: ["GET /users/<int:id>", "String"])
    }

    @Test("an error while the app is made is one line too") func errorWhileAppMade() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await run(port: 0) {
                var app = App()
                try app.install(StaticFiles(folder: "no/such/folder"))
                return app
            }
        }
        try expectOneLine(result, containing: ["/no/such/folder"])
    }

    @Test("an error thrown while the configuration is read is one line too") func badConfiguration() async throws {
        struct BadFile: Error, CustomStringConvertible { var description: String { "expected app.json to be JSON" } }
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await run { server in
                await Task.yield()
                server.port = 0
                throw BadFile()
            }
        }
        try expectOneLine(result, containing: ["expected app.json to be JSON"])
    }

    @Test("It serves by the configuration that is set while the app is made") func configurationSet() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            sendWhenItListens(SIGTERM)
            await run { server in
                (server.host, server.port) = ("::1", 0)
                return App()
            }
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        #expect(output.contains("Carafe is listening on http://[::1]:"), "\(output)")
    }

    @Test("prints its address in one line and stops at a signal", arguments: [SIGTERM, SIGINT]) func printsItsAddress(
        signal: Int32
    ) async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [signal] in
            sendWhenItListens(signal)
            await App().run(port: 0)
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        let lines = output.split(separator: "\n").filter { $0.contains("Carafe") }
        #expect(lines.count == 1)
        let port = lines.first?.split(separator: ":").last.flatMap { Int($0) }
        #expect(lines.first?.contains("Carafe is listening on http://127.0.0.1:") == true)
        #expect((port ?? 0) > 0)
    }

    @Test("in debug mode it prints its routes before the address", arguments: [true, false]) func inDebugMode(
        debug: Bool
    ) async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [debug] in
            sendWhenItListens(SIGTERM)
            var inner = App()
            inner.post("/<int:id>") { (_, _: Int) in "" }
            var app = App()
            app.debug = debug
            app.get("/hello") { _ in "" }
            app.mount("/in", inner)
            await app.run(port: 0)
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        #expect(output.contains("GET   /hello\nPOST  /in/<int:id>\nCarafe is listening on") == debug, "\(output)")
        #expect(output.contains("/hello") == debug, "\(output)")
    }

    private func expectOneLine(_ result: ExitTest.Result?, containing words: [String]) throws {
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 1, "\(text)")
        #expect(lines.first?.hasPrefix("error: ") == true, "\(text)")
        for word in words { #expect(text.contains(word), "\(text)") }
    }
}

/// Forwards standard output through a pipe, and sends this process the signal after the line with the address.
private func sendWhenItListens(_ signal: Int32) {
    let terminal = dup(STDOUT_FILENO)
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0, dup2(ends[1], STDOUT_FILENO) >= 0 else { exit(2) }
    let reader = ends[0]
    Task.detached {
        var text = ""
        var bytes = [UInt8](repeating: 0, count: 1000)
        while !text.contains("listening") || text.last != "\n" {
            let count = read(reader, &bytes, bytes.count)
            guard count > 0 else { exit(3) }
            text += String(decoding: bytes.prefix(count), as: UTF8.self)
            _ = write(terminal, bytes, count)
        }
        kill(getpid(), signal)
    }
}
