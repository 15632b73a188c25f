public import CarafeApp
import CarafeHTTP
import CarafeRuntime
public import CarafeWebSocketCodec
public import HTTPTypes
public import Logging
public import NIOCore
import NIOEmbedded
import Synchronization

/// Talks to an app in memory: no port, and time that passes only when the test says so.
///
/// ```swift
/// import Testing
///
/// let client = try TestClient(makeEchoApp())
/// #expect(try await client.get("/").status == .ok)
/// ```
///
/// Cookies are kept between calls. The app's extensions run as under a server (`around`) from the first request on,
/// until the client is let go or `stop` is called; `log` holds what the app wrote to its logger, and `response.error`
/// what was behind a 500.
public final class TestClient: Sendable {
    let eventLoop: NIOAsyncTestingEventLoop
    private let handler: Handler
    private let connection: Connection
    private let coders: JSONCoders
    private let cookies = Mutex(CookieJar())
    private let serving: SharedServing?
    private let testLog: TestLog

    /// Builds the app.
    ///
    /// - Parameters:
    ///   - app: The app as it is now.
    ///   - isSecure: Whether the client comes over TLS.
    ///   - logger: What gets the lines of the log too, beside `log`.
    /// - Throws: The first fault of the app's set-up.
    public init(_ app: App, isSecure: Bool = false, logger: Logger? = nil) throws {
        handler = try app.makeHandler()
        eventLoop = NIOAsyncTestingEventLoop()
        testLog = TestLog()
        serving = app.allExtensions.isEmpty ? nil : SharedServing(app)
        coders = app.json
        connection = Connection(
            executor: EventLoopExecutor(eventLoop: eventLoop, turnTime: TurnTime(limit: nil)),
            peerAddress: try SocketAddress(ipAddress: "127.0.0.1", port: 50_000),
            isSecure: isSecure,
            logger: testLog.logger(forwardingTo: logger)
        )
    }

    /// Makes a second client of the app that another one has started: another browser, with cookies of its own.
    ///
    /// Time, log and the app's extensions are those of the first; the extensions end when the last client is let go.
    public init(beside other: TestClient) {
        handler = other.handler
        eventLoop = other.eventLoop
        testLog = other.testLog
        serving = other.serving
        coders = other.coders
        connection = other.connection
    }

    /// Ends what the app's extensions hold open, as the end of a server does; throws what one of them throws.
    public func stop() async throws {
        serving?.value.stop()
        try await serving?.value.waitForEnd()
    }

    /// What the app wrote to its logger so far, from level `debug` on; of the oldest of more than 10,000 lines half are
    /// forgotten.
    public var log: [TestLogLine] { testLog.lines }

    /// Lets time pass: every timer that falls due in it fires, in order.
    public func advanceTime(by amount: TimeAmount) async {
        await eventLoop.advanceTime(by: amount)
    }

    public func get(_ path: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await request(.get, path, headers: headers)
    }

    public func head(_ path: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await request(.head, path, headers: headers)
    }

    public func post(_ path: String, headers: HTTPFields = [:], body: String = "") async throws -> TestResponse {
        try await request(.post, path, headers: headers, body: ByteBuffer(string: body))
    }

    /// Posts a value as JSON, by the app's own coders.
    public func post(_ path: String, headers: HTTPFields = [:], json: some Encodable) async throws -> TestResponse {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/json" }
        return try await request(.post, path, headers: headers, body: try coders.encode(json))
    }

    public func put(_ path: String, headers: HTTPFields = [:], body: String = "") async throws -> TestResponse {
        try await request(.put, path, headers: headers, body: ByteBuffer(string: body))
    }

    public func patch(_ path: String, headers: HTTPFields = [:], body: String = "") async throws -> TestResponse {
        try await request(.patch, path, headers: headers, body: ByteBuffer(string: body))
    }

    public func delete(_ path: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await request(.delete, path, headers: headers)
    }

    /// Sends a request and waits for the whole response.
    public func request(
        _ method: HTTPRequest.Method, _ target: String, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer()
    ) async throws -> TestResponse {
        let request = try makeRequest(method, target, headers: headers, body: body)
        let response = try await answer(to: request)
        let whole = try await inApp {
            let whole = method == .head ? ByteBuffer() : try await response.body.collect()
            response.reportEnd(.sent)
            return whole
        }
        return makeResponse(response, to: request, body: whole)
    }

    /// Sends a request and reads the response while the app makes it; leaving `body` is the client that leaves, whose
    /// handler is cancelled and waited for.
    ///
    /// ```swift
    /// try await client.stream("/events") { events in
    ///     let first = try await events.nextText()
    ///     #expect(first == "data: hello\n\n")
    /// }
    /// ```
    public func stream<Value: Sendable>(
        _ target: String, method: HTTPRequest.Method = .get, headers: HTTPFields = [:],
        body: ByteBuffer = ByteBuffer(), _ read: (TestStream) async throws -> Value
    ) async throws -> Value {
        let request = try makeRequest(method, target, headers: headers, body: body)
        let response = try await answer(to: request)
        let stream = TestStream(makeResponse(response, to: request, body: ByteBuffer()))
        let writing = Task(executorPreference: connection.executor) { await stream.take(response) }
        await eventLoop.run()
        func leave() async {
            writing.cancel()
            stream.leave()
            await writing.value
        }
        do {
            let value = try await read(stream)
            await leave()
            return value
        } catch {
            await leave()
            throw error
        }
    }

    /// Opens a WebSocket, and closes it when `body` is left; throws `HandshakeRefused` with the answer of a refusal.
    public func webSocket<Value: Sendable>(
        _ target: String, headers: HTTPFields = [:], subprotocols: [String] = [], compression: DeflateOffer? = nil,
        _ body: (TestWebSocket) async throws -> Value
    ) async throws -> Value {
        let socket = try await openWebSocket(
            target, headers: headers, subprotocols: subprotocols, compression: compression)
        do {
            let value = try await body(socket)
            try await socket.close()
            return value
        } catch {
            try? await socket.close()
            throw error
        }
    }

    /// Opens a WebSocket that the test closes itself.
    public func openWebSocket(
        _ target: String, headers: HTTPFields = [:], subprotocols: [String] = [], compression: DeflateOffer? = nil
    ) async throws -> TestWebSocket {
        let handshake = ClientHandshake(subprotocols: subprotocols, deflate: compression)
        return try await TestWebSocket.open(self, target, headers: headers, handshake)
    }

    func makeResponse(_ response: Response, to request: Request, body: ByteBuffer) -> TestResponse {
        // The app may have given it another.
        let id = response.logMetadata["request.id"].map { "\($0)" } ?? request.id
        let error = testLog.lines.last { $0.level >= .error && $0.metadata["request.id"] == id }
        return TestResponse(
            status: response.status, headers: response.headers, body: body,
            error: error.map { $0.metadata["error"] ?? $0.message }, coders: coders)
    }

    func makeRequest(
        _ method: HTTPRequest.Method, _ target: String, headers: HTTPFields, body: ByteBuffer = ByteBuffer()
    ) throws -> Request {
        var fields = headers
        if fields[.cookie] == nil, let path = Target(target)?.path {
            fields[.cookie] = cookies.withLock { $0.field(for: path) }
        }
        return try Request(
            method: method, target: target, authority: "localhost", headers: fields, body: body, connection: connection)
    }

    func answer(to request: Request) async throws -> Response {
        try await serving?.value.start()
        let handler = handler
        let response = try await inApp { try await handler(request) }
        keepCookies(of: response, from: request.target.path)
        return response
    }

    /// Does `body` as the app does everything: on its event loop.
    func inApp<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let work = Task(executorPreference: connection.executor, operation: body)
        await eventLoop.run()
        return try await work.value
    }

    private func keepCookies(of response: Response, from path: String) {
        let fields = response.headers[values: .setCookie]
        cookies.withLock { jar in for field in fields { jar.keep(field, from: path) } }
    }
}

/// A response as a value, its body whole.
public struct TestResponse: Sendable {
    public var status: HTTPResponse.Status
    public var headers: HTTPFields
    public var body: ByteBuffer
    /// What the app logged as the error behind the response, such as behind a 500; the client of a server never sees
    /// it.
    public var error: String?
    let coders: JSONCoders

    /// The body as text.
    public var text: String { String(buffer: body) }

    /// The body decoded from JSON, by the app's own coders.
    public func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try coders.decode(type, from: body)
    }
}

/// A handshake that was answered with an ordinary response.
public struct HandshakeRefused: Error {
    public var response: TestResponse
}
