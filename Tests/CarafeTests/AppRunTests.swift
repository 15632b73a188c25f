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

@Suite struct AppRunTests {
    @Test func aPortInUseIsOneLineAndStatus1() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            try await withServer(App()) { baseURL in
                await App().run(port: baseURL.port ?? 0)
            }
        }
        try expectOneLine(result, containing: ["port"])
    }

    @Test func aBadHostIsOneLineAndStatus1() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await App().run(host: "host.invalid", port: 0)
        }
        try expectOneLine(result, containing: ["host.invalid"])
    }

    @Test func aBadRouteIsOneLineAndStatus1() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            var app = App()
            app.get("/users/<int:id>") { (_, id: String) in id }
            await app.run(port: 0)
        }
        try expectOneLine(result, containing: ["GET /users/<int:id>", "String"])
    }

    @Test func whatGoesWrongWhileTheAppIsMadeIsOneLineToo() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await run(port: 0) {
                var app = App()
                try app.install(StaticFiles(folder: "no/such/folder"))
                return app
            }
        }
        try expectOneLine(result, containing: ["/no/such/folder"])
    }

    @Test(arguments: [SIGTERM, SIGINT]) func printsItsAddressInOneLineAndStopsAtASignal(signal: Int32) async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [signal] in
            // The line goes through a pipe, so that the signal is sent when the line has come.
            let terminal = dup(STDOUT_FILENO)
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0, dup2(ends[1], STDOUT_FILENO) >= 0 else { exit(2) }
            let reader = ends[0]
            Task.detached {
                var line = [UInt8](repeating: 0, count: 200)
                let count = read(reader, &line, line.count)
                _ = write(terminal, line, max(0, count))
                kill(getpid(), signal)
            }
            await App().run(port: 0)
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        let lines = output.split(separator: "\n").filter { $0.contains("Carafe") }
        #expect(lines.count == 1)
        let port = lines.first?.split(separator: ":").last.flatMap { Int($0) }
        #expect(lines.first?.contains("Carafe is listening on http://127.0.0.1:") == true)
        #expect((port ?? 0) > 0)
    }

    private func expectOneLine(_ result: ExitTest.Result?, containing words: [String]) throws {
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 1, "\(text)")
        #expect(lines.first?.hasPrefix("error: ") == true, "\(text)")
        for word in words { #expect(text.contains(word), "\(text)") }
    }
}
