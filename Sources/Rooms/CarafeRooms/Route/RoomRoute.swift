public import CarafeApp
import CarafeWebSocketCodec
import HTTPTypes
import NIOCore

extension Scaffold {
    /// Serves a room on one path by several transports, all of which read the same log from a position.
    ///
    /// | request | response |
    /// |---|---|
    /// | a WebSocket's handshake | an item of JSON in each message: `{"id":"12-9f3c21d8","data":…}` |
    /// | `GET` with `Accept: text/event-stream` | server-sent events with positions for ids |
    /// | `GET ?after=12-9f3c21d8&wait=25` | the newer entries, once there are any; 204 after 25 s (long polling) |
    /// | `GET ?after=12-9f3c21d8` | the newer entries, at once; 304 to `If-None-Match` (polling) |
    /// | `GET ?stream=iframe` | a script element for each item, which calls `parent.carafe(item)` |
    /// | `POST` | publishes; with an `Idempotency-Key` once, however often it is sent |
    ///
    /// A socket and the streams begin after `?after=`, with the last `?last=` messages, or now; `Last-Event-ID` has the
    /// meaning of `?after=`. Entries that the log no longer has are reported as a gap,
    /// `{"id":…,"gap":{"from":…,"to":…}}`. A message on a socket publishes. With `?beat=1` a socket's first item has
    /// `"beat":20`, and `{"beat":20}` follows every 20 seconds, with each ping: a page cannot see pings.
    ///
    /// - Parameters:
    ///   - pattern: The path, whose arguments `find` gets.
    ///   - options: The limits of a socket, and the origins whose pages may connect and post. A POST has the app's
    ///     limit
    ///     of a body.
    ///   - permit: Decides which requests may join and publish, by any transport; without it all may.
    ///   - find: Returns the room, or throws: `try abort(.notFound)`.
    /// - Returns: The route, which makes the URLs of the room.
    @discardableResult
    public mutating func room<Element: Sendable, each Argument: PathArgument>(
        _ pattern: String, options: WebSocketOptions = WebSocketOptions(), permit: RoomAuthorizer<Element>? = nil,
        _ find: @escaping @Sendable (Request, repeat each Argument) async throws -> Room<Element>
    ) -> Route<repeat each Argument> {
        // Not by `get`, whose closures would have frames in each waiting poll: CarafeRuntime's README.
        let route = route(methods: [.get], pattern) { (request, argument: repeat each Argument) -> Response in
            let room = try await find(request, repeat each argument)
            return try await RoomRoute(room: room, permit: permit, origins: options.origins).read(request)
        }
        post(pattern) { (request, argument: repeat each Argument) in
            let room = try await find(request, repeat each argument)
            return try await RoomRoute(room: room, permit: permit, origins: options.origins).post(request)
        }
        webSocket(pattern, options: options) { (socket, argument: repeat each Argument) in
            let room = try await find(socket.request, repeat each argument)
            try await RoomRoute(room: room, permit: permit, origins: options.origins).serve(socket)
        }
        return route
    }
}

/// The handlers of a room's route.
struct RoomRoute<Element: Sendable>: Sendable {
    let room: Room<Element>
    let permit: RoomAuthorizer<Element>?
    /// The origins whose pages may publish: a browser adds the user's cookies.
    let origins: OriginPolicy

    // MARK: Reading

    func read(_ request: Request) async throws -> Response {
        switch try await begin(request) {
        case .stream(let response): response
        case .poll(let poll): try await poll.response(to: request)
        }
    }

    private enum Reading {
        case stream(Response)
        case poll(PollResponse)
    }

    // Keeps the frame of the waiting task small, as all below: CarafeRuntime's README.
    @inline(never)
    private func begin(_ request: Request) async throws -> Reading {
        let query = try ReadRequest(request)
        if room.storage.link != nil { try await room.storage.prepare(for: query.start) }
        let removals = room.storage.removals
        let reader = try await admit(request)
        if isStream(query, request) { return .stream(stream(query, reader, removals, request)) }
        return .poll(
            PollResponse(request, storage: room.storage, query: query, admitted: reader, removals: removals))
    }

    @inline(never)
    private func isStream(_ query: ReadRequest, _ request: Request) -> Bool {
        query.callback != nil
            || request.accepts(among: ["application/json", "text/event-stream"]) == "text/event-stream"
    }

    @inline(never)
    private func stream(
        _ query: ReadRequest, _ reader: AdmittedReader, _ removals: UInt64, _ request: Request
    ) -> Response {
        StreamResponse(
            storage: room.storage, start: query.start, admitted: reader, removals: removals, wire: wire(query, request)
        ).response(to: request)
    }

    private func wire(_ query: ReadRequest, _ request: Request) -> StreamResponse.Wire {
        guard let callback = query.callback else { return .events }
        // A page with a content security policy needs its nonce.
        let nonce = request.values[ContentSecurityNonce.self]?.value
        return .scripts(callback: callback, nonce: nonce)
    }

    /// Returns the name and the time of a client that may join.
    @inline(never)
    private func admit(_ request: Request) async throws -> AdmittedReader {
        guard let permit else { return AdmittedReader() }
        var access = RoomAuthorization(request: request, room: room, action: .join)
        try await permit(&access)
        // Before the head of a stream is sent.
        if let name = access.name { try room.storage.names.validate(name) }
        return AdmittedReader(access)
    }

    // MARK: Publishing

    func post(_ request: Request) async throws -> Response {
        try request.checkOrigin(origins)
        let key = request.headers.ascii(.idempotencyKey)
        guard key.map({ (1...IdempotencyKeys.keyLimit).contains($0.utf8.count) }) ?? true else {
            throw HTTPError(.badRequest, "Expected an Idempotency-Key of 1 to \(IdempotencyKeys.keyLimit) bytes.")
        }
        let bytes = try await request.body.collect()
        let position: RoomPosition
        do {
            position = try await publish(try message(bytes, of: request), request, key: key)
        } catch let error as DecodingError {
            throw HTTPError(.badRequest, error.explanation)
        }
        return Response(
            .created, headers: [.contentType: "application/json", .roomPosition: "\(position)"],
            body: .text("{\"id\":\"\(position)\"}"))
    }

    private func message(_ bytes: ByteBuffer, of request: Request) throws -> Message {
        if request.headers.ascii(.contentType)?.lowercased().hasPrefix("application/octet-stream") == true {
            return .binary(bytes)
        }
        guard let message = Message(utf8: bytes) else {
            throw HTTPError(.badRequest, "Expected a message in UTF-8, or application/octet-stream.")
        }
        return message
    }

    private func publish(_ message: Message, _ request: Request, key: String? = nil) async throws -> RoomPosition {
        var access = RoomAuthorization(request: request, room: room, action: .publish)
        access.element = try room.coding.decode(message)
        try await permit?(&access)
        // `permit` has refused the message by removing it.
        guard let element = access.element else { throw HTTPError(.forbidden) }
        let post = try room.post(element, to: access.audience)
        let member = access.member
        let idempotencyKey = key.map { IdempotencyKeys.Key(member: member, key: $0) }
        let now = request.connection.eventLoop.now
        switch room.storage.update({ $0.admitPost(of: member, key: idempotencyKey, at: now) }) {
        case .publish: break
        case .published(let position): return position
        case .tooMany(let seconds):
            throw HTTPError(.tooManyRequests, "Expected fewer messages.", headers: [.retryAfter: "\(seconds)"])
        }
        await room.waitForSlowMembers()
        // A publisher that has left in the meantime must not overtake those that wait.
        try Task.checkCancellation()
        return try await room.storage.publish(post, key: idempotencyKey)
    }

    // MARK: A socket

    func serve(_ socket: WebSocket) async throws {
        try await join(socket)
        while let message = try await socket.receive() { try await handle(message, from: socket) }
    }

    // Keeps the frame of the waiting task small, as the two below: CarafeRuntime's README.
    @inline(never)
    private func join(_ socket: WebSocket) async throws {
        let query = try query(of: socket)
        try await room.storage.prepare(for: query.start)
        let removals = room.storage.removals
        let reader = try await admit(socket.request)
        try await SocketAdmission(
            storage: room.storage, admitted: reader, isNameShared: true, payload: .items, start: query.start,
            wantsBeat: query.wantsBeat, removals: removals
        ).admit(socket)
    }

    @inline(never)
    private func query(of socket: WebSocket) throws -> ReadRequest { try ReadRequest(socket.request) }

    @inline(never)
    private func handle(_ message: Message, from socket: WebSocket) async throws {
        do {
            _ = try await publish(message, socket.request)
        } catch let error as DecodingError {
            try await socket.send(json: ["error": error.explanation])
        } catch let error as HTTPError where error.status == .tooManyRequests {
            try await socket.close(.policyViolation, reason: error.message ?? "")
        } catch let error as HTTPError {
            try await socket.send(json: ["error": error.message ?? error.status.reasonPhrase])
        } catch let error as RoomError {
            try await socket.send(json: ["error": "\(error)"])
        }
    }
}
