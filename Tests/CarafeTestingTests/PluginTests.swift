import Carafe
import CarafeTesting
import FoundationEssentials
import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@Suite("Plugins", .timeLimit(.minutes(10)))
struct PluginTests {
    private let notes = Notes()

    @Test("a middleware wraps a streamed body, counts it and hears of its end")
    func wraps() async throws {
        var app = App()
        app.use(tellEnd { [notes] in notes.add("\($0)") })
        app.use(shout { [notes] in notes.add("\($0)") })
        app.get("/stream") { _ in
            Response { writer in for word in ["one ", "two"] { try await writer.write(word) } }
        }
        app.get("/whole") { _ in "whole" }
        let client = try TestClient(app)
        #expect(try await client.get("/stream").text == "<ONE TWO>")
        #expect(try await client.get("/whole").text == "whole")
        #expect(notes.list == ["4", "3", "sent", "sent"])
    }

    @Test("metadata of a middleware stands in the handler's lines and in the access log")
    func metadata() async throws {
        var configuration = ServerConfiguration(port: 0, threads: 1)
        configuration.logger = Logger(label: "test") { [notes] _ in NoteHandler(notes: notes) }
        var blue = Blueprint(prefix: "/blue")
        blue.use { request, next in
            var request = request
            request.logger[metadataKey: "part"] = "blue"
            return try await next(request)
        }
        blue.get("/") { _ -> String in throw HTTPError(.gone) }
        var app = App()
        app.use(nameUser)
        app.register(blue)
        app.get("/") { request in
            request.logger.info("at work")
            return "x"
        }
        app.get("/own") { _ in
            var response = Response(text: "x")
            response.logMetadata["user"] = "bob"
            return response
        }
        try await withServer(app, configuration) { url async throws in
            let socket = try await SocketClient.connect(port: url.port ?? 0)
            for path in ["/", "/blue/", "/own"] {
                try await socket.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = await socket.receiveResponse()
            }
            try await socket.close()
        }
        #expect(
            notes.list.filter { !$0.hasSuffix("user=- part=-") } == [
                "at work user=ann part=-", "GET / user=ann part=-", "GET /blue/ user=ann part=blue",
                "GET /own user=bob part=-",
            ])
    }

    @Test("an app's handler runs under a request made by hand")
    func ownServer() async throws {
        var app = App()
        app.use(tellEnd { [notes] in notes.add("\($0)") })
        app.post("/<name>") { (request, name: String) in
            let body = try await request.body.text()
            return "\(name) \(request.query["q"] ?? "") \(body) \(request.host ?? "") \(request.remoteAddress ?? "")"
        }
        let logger = Logger(label: "test") { [notes] _ in NoteHandler(notes: notes) }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        #expect(try await answer(app, "/a%20b?q=1", on: loop, logger: logger) == "200 a b 1 body own.example 192.0.2.1")
        #expect(notes.list == ["sent"])
        let error = await #expect(throws: TargetError.self) { try await answer(app, "a", on: loop, logger: logger) }
        #expect(error?.description == #"expected a path that begins with a slash, found "a""#)
    }
}

private final class Notes: Sendable {
    private let lines = Mutex<[String]>([])
    var list: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct NoteHandler: LogHandler {
    let notes: Notes
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        func text(_ key: String) -> String { all[key].map { "\($0)" } ?? "-" }
        // Of an access line the method and the path.
        let words = "\(event.message)".split(separator: " ")
        let isAccess = words.count > 5
        let message = isAccess ? words[1...2].joined(separator: " ") : "\(event.message)"
        notes.add("\(message) user=\(text("user")) part=\(text("part"))")
    }
}
