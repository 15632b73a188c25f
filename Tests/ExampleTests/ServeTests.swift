import CarafeWebSocket
import Foundation
import TestSupport
import Testing

@Suite("serve", .timeLimit(.minutes(10)), .serialized)
struct ServeTests {
    private func port(_ line: String) throws -> Int {
        try #require(Int(line.split(separator: ":").last ?? ""))
    }

    @Test("port 0 picks a free one; the address is one line on standard output; SIGTERM and SIGINT end it well")
    func runs() async throws {
        for interrupts in [false, true] {
            let demo = try DemoProcess("Echo", ["--port", "0"])
            let line = await demo.firstLine()
            #expect(line.hasPrefix("Carafe is listening on http://127.0.0.1:"))
            let client = try await SocketClient.connect(port: try port(line))
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(await client.receiveAll().hasPrefix("HTTP/1.1 200 OK\r\n"))
            try await client.close()
            if interrupts { demo.interrupt() } else { demo.terminate() }
            let (status, output, _) = await demo.end()
            #expect(status == 0)
            #expect(output.isEmpty)
        }
    }

    @Test("a stop closes an open WebSocket with 1001")
    func stopsWebSockets() async throws {
        let demo = try DemoProcess("Echo", ["--port", "0"])
        let client = try await FrameClient.open(port: try await port(demo.firstLine()), "/my_socket")
        try await client.send("hello")
        #expect(await client.receiveText() == "hello")
        demo.terminate()
        #expect(await client.closeCode() == .goingAway)
        try await client.send([.close(.goingAway)])
        try await client.socket.close()
        #expect(await demo.end().status == 0)
    }

    @Test(
        "what keeps it from starting is one line on standard error, and exit status 1",
        arguments: [
            (["--host", "nowhere.invalid"], "the host is not known"),
            (["--host", "192.0.2.1"], "this machine does not have the address"),
            (["--port", "70000"], "65535"),
        ])
    func cannotStart(arguments: [String], problem: String) async throws {
        await expectComplaint(try DemoProcess("Echo", arguments), about: problem)
    }

    @Test("a port that is taken is one line on standard error, and exit status 1")
    func portInUse() async throws {
        let first = try DemoProcess("Echo", ["--port", "0"])
        let port = try await port(first.firstLine())
        await expectComplaint(
            try DemoProcess("Echo", ["--port", "\(port)"]), about: "127.0.0.1:\(port): the port is in use")
        first.terminate()
        #expect(await first.end().status == 0)
    }

    @Test("--routes prints what the app answers, and ends; nothing listens")
    func printsRoutes() async throws {
        let demo = try DemoProcess("Echo", ["--routes", "--port", "70000"])
        let (status, output, errors) = await demo.end()
        #expect(status == 0)
        #expect(output == "GET  /\nGET  /my_socket\nGET  /my_socket  (websocket)\n")
        #expect(errors.isEmpty)
    }

    @Test("a folder that is missing is one line that names the absolute path tried")
    func missingFolder() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "carafe-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        await expectComplaint(try DemoProcess("Echo", ["--port", "0"], in: folder), about: folder.path + "/Templates")
    }

    private func expectComplaint(_ demo: DemoProcess, about problem: String) async {
        // One that runs after all would be waited for without end.
        guard await demo.firstLine().isEmpty else {
            demo.terminate()
            Issue.record("expected it not to start: \(problem)")
            return
        }
        let (status, _, errors) = await demo.end()
        #expect(status == 1)
        #expect(errors.hasPrefix("error: "))
        #expect(errors.hasSuffix("\n"))
        #expect(errors.split(separator: "\n").count == 1)
        #expect(errors.contains(problem))
    }

    #if os(Linux)
        @Test("a file of 1 GiB is served within a few MiB of memory")
        func largeFile() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "carafe-\(UUID().uuidString)")
            let statics = folder.appending(path: "statics")
            try FileManager.default.createDirectory(at: statics, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try FileManager.default.createSymbolicLink(
                at: folder.appending(path: "Templates"),
                withDestinationURL: Repository.root.appending(path: "Templates"))
            for (name, length) in [("small.bin", UInt64(1 << 20)), ("large.bin", 1 << 30)] {
                let path = statics.appending(path: name)
                try #require(FileManager.default.createFile(atPath: path.path, contents: nil))
                try FileHandle(forWritingTo: path).truncate(atOffset: length)
            }
            let demo = try DemoProcess("JQueryChat", ["--port", "0"], in: folder)
            let port = try await port(demo.firstLine())
            #expect(try await download("small.bin", port: port) > 1 << 20)
            let before = try kibibytes("VmRSS", of: demo)
            #expect(try await download("large.bin", port: port) > 1 << 30)
            // The highest that it ever was.
            #expect(try kibibytes("VmHWM", of: demo) - before < 6 << 10)
            demo.terminate()
            #expect(await demo.end().status == 0)
        }

        private func download(_ name: String, port: Int) async throws -> Int {
            let client = try await SocketClient.connect(port: port)
            try await client.send("GET /static/\(name) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let length = await client.receiveLength()
            try await client.close()
            return length
        }

        private func kibibytes(_ field: String, of demo: DemoProcess) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(demo.identifier)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(field + ":") })
            return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
        }
    #endif
}
