import Foundation
import TestSupport
import Testing

/// Programs that run out of what the system has: they go on, and say it.
@Suite("Running out", .timeLimit(.minutes(10)), .serialized)
struct RunningOutTests {
    private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    private func port(_ demo: DemoProcess) async throws -> Int {
        try #require(Int(await demo.firstLine().split(separator: ":").last ?? ""))
    }

    private func status(_ client: SocketClient) async throws -> Substring {
        try await client.send(get)
        return await client.receiveResponse().head.prefix { $0 != "\r\n" }
    }

    @Test("without descriptors new clients wait, the others are served, and the log says it")
    func descriptors() async throws {
        let demo = try DemoProcess("Echo", ["--port", "0"], limits: "ulimit -n 40")
        let port = try await port(demo)
        let first = try await SocketClient.connect(port: port)
        #expect(try await status(first) == "HTTP/1.1 200 OK")
        var others: [SocketClient] = []
        // The kernel takes them into the backlog.
        for _ in 1...60 { others.append(try await SocketClient.connect(port: port)) }
        #expect(await demo.errors(until: "descriptors").contains("cannot accept connections"))
        #expect(try await status(first) == "HTTP/1.1 200 OK")
        let last = others.removeLast()
        for client in others { try await client.close() }
        #expect(try await status(last) == "HTTP/1.1 200 OK")
        try await last.close()
        try await first.close()
        demo.terminate()
        #expect(await demo.end().status == 0)
    }

    @Test("too few descriptors to begin with are one line on standard error, and exit status 1")
    func descriptorsAtTheStart() async throws {
        let demo = try DemoProcess("Echo", ["--port", "0"], limits: "ulimit -n 10")
        #expect(await demo.firstLine().isEmpty)
        let (status, _, errors) = await demo.end()
        #expect(status == 1)
        #expect(errors.hasPrefix("error: cannot listen on ") && errors.hasSuffix("raise `ulimit -n`\n"))
    }

    @Test(
        "a log that cannot be written keeps nobody from being served, and goes nowhere else",
        arguments: ["2>/dev/full", "2>&-", "2>&- <&-", "a pipe that nobody reads"])
    func log(redirection: String) async throws {
        // Linux only.
        guard redirection != "2>/dev/full" || FileManager.default.fileExists(atPath: "/dev/full") else { return }
        let isPipe = !redirection.hasPrefix("2")
        let fifo = FileManager.default.temporaryDirectory.path + "/carafe-\(UUID().uuidString)"
        defer { if isPipe { unlink(fifo) } }
        let demo = try DemoProcess(
            "Echo", ["--port", "0"],
            limits: isPipe ? "mkfifo \(fifo); (: <\(fifo)) & exec 2>\(fifo); wait" : ":",
            redirection: isPipe ? "" : redirection)
        let port = try await port(demo)
        // Nothing of the log may come on a socket.
        for _ in 1...3 {
            let client = try await SocketClient.connect(port: port)
            for _ in 1...3 {
                try await client.send(get)
                let answer = await client.receiveResponse()
                #expect(answer.head.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.body.lowercased().hasPrefix("<!doctype"))
            }
            try await client.close()
        }
        demo.terminate()
        #expect(await demo.end().status == 0)
    }
}
