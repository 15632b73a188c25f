public import CarafeApp
import CarafeHTTP
import CarafeRuntime
public import CarafeWebSocketCodec
public import HTTPTypes
public import Logging
public import NIOCore
import NIOEmbedded
import Synchronization

/// A client that talks to an app in memory: no port, and time that passes only when the test says so.
///
/// ```swift
/// import Testing
///
/// let client = try TestClient(makeEchoApp())
/// #expect(try await client.get("/").status == .ok)
/// ```
///
/// Cookies are kept between calls. The app's extensions run as under a server (`around(_:)`) from the first request on,
/// until the client is released or `stop()` is called. `log` holds the lines that the app logged, and `response.error`
/// the error behind a 500.
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
    ///   - isSecure: Whether the client connects over TLS.
    ///   - logger: A logger that gets all lines of the log too.
    /// - Throws: The first error of the app's set-up.
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

    /// Creates a second client of another client's app: another browser, with cookies of its own.
    ///
    /// Time, log and extensions are shared. The extensions end when the last client is released.
    public init(beside other: TestClient) {
        handler = other.handler
        eventLoop = other.eventLoop
        testLog = other.testLog
        serving = other.serving
        coders = other.coders
        connection = other.connection
    }

    /// Stops the app's extensions, as a server does at its end, and throws the error of an extension that fails.
    public func stop() async throws {
        serving?.value.stop()
        try await serving?.value.waitForEnd()
    }

    /// The lines that the app has logged so far, from level `debug` on. Once there are more than 10,000, the older half
    /// is dropped.
    public var log: [TestLogLine] { testLog.lines }

    /// Advances the time of the app, and fires all timers that become due, in order.
    public func advanceTime(by amount: Duration) async {
        await eventLoop.advanceTime(by: TimeAmount(amount))
    }

    /// Sends a GET request, and waits for the whole response.
    ///
    /// - Throws: `TargetError` for a malformed path, and the errors of a streamed body and of starting extensions.
    public func get(_ path: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await request(.get, path, headers: headers)
    }

    /// Sends a HEAD request, and waits for the response.
    ///
    /// - Throws: `TargetError` for a malformed path, and the errors of a streamed body and of starting extensions.
    public func head(_ path: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await request(.head, path, headers: headers)
    }

    /// Sends a POST request with a text, and waits for the whole response.
    ///
    /// - Throws: `TargetError` for a malformed path, and the errors of a streamed body and of starting extensions.
    public func post(_ path: String, headers: HTTPFields = [:], body: String = "") async throws -> TestResponse {
        try await request(.post, path, headers: headers, body: ByteBuffer(string: body))
    }

    /// Sends a POST request with a value as JSON, by the app's own coders, and waits for the whole response.
    ///
    /// - Throws: `EncodingError`, and the errors of `post` with a text.
    public func post(_ path: String, headers: HTTPFields = [:], json: some Encodable) async throws -> TestResponse {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/json" }
        return try await request(.post, path, headers: headers, body: try coders.encode(json))
    }

    /// Sends a PUT request with a text, and waits for the whole response.
    ///
    /// - Throws: `TargetError` for a malformed path, and the errors of a streamed body and of starting extensions.
    public func put(_ path: String, headers: HTTPFields = [:], body: String = "") async throws -> TestResponse {
        try await request(.put, path, headers: headers, body: ByteBuffer(string: body))
    }

    /// Sends a PATCH request with a text, and waits for the whole response.
    ///
    /// - Throws: `TargetError` for a malformed path, and the errors of a streamed body and of starting extensions.
    public func patch(_ path: String, headers: HTTPFields = [:], body: String = "") async throws -> TestResponse {
        try await request(.patch, path, headers: headers, body: ByteBuffer(string: body))
    }

    /// Sends a DELETE request, and waits for the whole response.
    ///
    /// - Throws: `TargetError` for a malformed path, and the errors of a streamed body and of starting extensions.
    public func delete(_ path: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await request(.delete, path, headers: headers)
    }

    /// Sends a request, and waits for the whole response.
    ///
    /// - Throws: `TargetError` for a malformed path, and the errors of a streamed body and of starting extensions.
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

    /// Sends a request, and reads the response while the app produces it.
    ///
    /// When `read` returns or throws, the client leaves: the handler is cancelled, and the call waits for its end.
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

    /// Opens a WebSocket, and closes it when `body` returns or throws.
    ///
    /// - Returns: The result of `body`.
    /// - Throws: `TestHandshakeError` if the app refuses the handshake, and the error of `body`.
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
    ///
    /// - Throws: `TestHandshakeError` if the app refuses the handshake.
    public func openWebSocket(
        _ target: String, headers: HTTPFields = [:], subprotocols: [String] = [], compression: DeflateOffer? = nil
    ) async throws -> TestWebSocket {
        let handshake = ClientHandshake(subprotocols: subprotocols, deflate: compression)
        return try await TestWebSocket.open(self, target, headers: headers, handshake)
    }

    func makeResponse(_ response: Response, to request: Request, body: ByteBuffer) -> TestResponse {
        // The app may have changed the id.
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

    /// Runs `body` as all code of the app runs: on its event loop.
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

/// A response as a value, with its whole body.
public struct TestResponse: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The header fields.
    public var headers: HTTPFields
    /// The body.
    public var body: ByteBuffer
    /// The error that the app logged for this request, such as the one behind a 500. The client of a server never sees
    /// it.
    public var error: String?
    let coders: JSONCoders

    /// The body as text.
    public var text: String { String(buffer: body) }

    /// Decodes the body from JSON, by the app's own coders.
    ///
    /// - Throws: `DecodingError`.
    public func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try coders.decode(type, from: body)
    }
}

/// An error for a handshake that was refused with an ordinary response.
public struct TestHandshakeError: Error {
    /// The response.
    public var response: TestResponse
}
