public import CarafeApp
import CarafeWebSocketCodec
import HTTPTypes
import NIOCore

extension Scaffold {
    /// Serves a room on one path in five ways, so that each client can use one that works. All of them read the same
    /// log.
    ///
    /// | request | response |
    /// |---|---|
    /// | a WebSocket's handshake | an item of JSON in each message: `{"id":"12-9f3c21d8","data":…}` |
    /// | `GET` with `Accept: text/event-stream` | server-sent events with positions for ids |
    /// | `GET ?after=12-9f3c21d8&wait=25` | newer entries, when there are any; 204 after 25 seconds (long polling) |
    /// | `GET ?after=12-9f3c21d8` | newer entries, at once; 304 to `If-None-Match` (polling) |
    /// | `GET ?stream=iframe` | a script element for each item, which calls `parent.carafe(item)` |
    /// | `POST` | publishes a message; repeated posts with the same `Idempotency-Key` publish it once |
    ///
    /// A socket or a stream begins after the position in `?after=` or `Last-Event-ID`, or before the newest messages,
    /// whose number is in `?last=`, or now. Entries that the log no longer has are reported as a gap,
    /// `{"id":…,"gap":{"from":…,"to":…}}`, and never skipped in silence. A message from a socket is published. With
    /// `?beat=1` a socket's first item has `"beat":20`, and `{"beat":20}` follows every 20 seconds with each ping,
    /// since a page cannot see pings.
    ///
    /// - Parameters:
    ///   - pattern: The path, whose arguments `find` gets.
    ///   - options: The limits of a socket, and the origins that may connect and post. A POST has the app's body limit.
    ///   - permit: Decides who may join and publish, in the same way for all clients; without it everybody may.
    ///   - find: Returns the room, or throws: `try abort(.notFound)`.
    /// - Returns: The route, which makes the URLs of the room.
    @discardableResult
    public mutating func room<Element: Sendable, each Argument: PathArgument>(
        _ pattern: String, options: WebSocketOptions = WebSocketOptions(), permit: RoomAuthorizer<Element>? = nil,
        _ find: @escaping @Sendable (Request, repeat each Argument) async throws -> Room<Element>
    ) -> Route<repeat each Argument> {
        // Not by `get`, whose closure would add a frame to each waiting poll: CarafeRuntime's README.
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
    /// The origins whose pages may publish; a browser sends cookies with their requests.
    let origins: OriginPolicy

    // MARK: Reading

    func read(_ request: Request) async throws -> Response {
        let query = try ReadRequest(request)
        let removals = room.storage.removals
        let name = try await admit(request)
        if isStream(query, request) { return await stream(query, name, removals, request) }
        return try await PollResponse(storage: room.storage, query: query, name: name, removals: removals).response(
            to: request)
    }

    // Neither is inlined, for small frames: CarafeRuntime's README.
    @inline(never)
    private func isStream(_ query: ReadRequest, _ request: Request) -> Bool {
        query.callback != nil
            || request.accepts(among: ["application/json", "text/event-stream"]) == "text/event-stream"
    }

    @inline(never)
    private func stream(
        _ query: ReadRequest, _ name: String?, _ removals: UInt64, _ request: Request
    ) async -> Response {
        StreamResponse(
            storage: room.storage, start: query.start, name: name, removals: removals, wire: wire(query, request)
        ).response(to: request)
    }

    private func wire(_ query: ReadRequest, _ request: Request) -> StreamResponse.Wire {
        guard let callback = query.callback else { return .events }
        // The page's Content-Security-Policy, if there is one, requires its nonce.
        let nonce = request.values[ContentSecurityNonce.self]?.value
        return .scripts(callback: callback, nonce: nonce)
    }

    /// Asks `permit`; returns the client's name, if it has one.
    // Not inlined, for small frames: CarafeRuntime's README.
    @inline(never)
    private func admit(_ request: Request) async throws -> String? {
        guard let permit else { return nil }
        var access = RoomAuthorization(request: request, room: room, action: .join)
        try await permit(&access)
        // Before the head of a stream is written.
        if let name = access.name { try room.storage.names.validate(name) }
        return access.name
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
        // `permit` has removed the message, which refuses it.
        guard let element = access.element else { throw HTTPError(.forbidden) }
        let post = try room.post(element, to: access.audience)
        let member = access.member
        let idempotencyKey = key.map { IdempotencyKeys.Key(member: member, key: $0) }
        switch admit(member, idempotencyKey, at: request.connection.eventLoop.now) {
        case .published(let position): return position
        case .tooMany(let seconds):
            throw HTTPError(.tooManyRequests, "Expected fewer messages.", headers: [.retryAfter: "\(seconds)"])
        case .publish: break
        }
        await room.waitForSlowMembers()
        // A client that has left in the meantime publishes nothing.
        try Task.checkCancellation()
        return try room.append(post, key: idempotencyKey)
    }

    private func admit(_ member: [UInt8], _ key: IdempotencyKeys.Key?, at now: NIODeadline) -> PostAdmission {
        room.storage.update { $0.admitPost(of: member, key: key, at: now) }
    }

    // MARK: A socket

    func serve(_ socket: WebSocket) async throws {
        try await join(socket)
        while let message = try await socket.receive() { try await take(message, from: socket) }
    }

    // Not inlined, as the functions below, for small frames: CarafeRuntime's README.
    @inline(never)
    private func join(_ socket: WebSocket) async throws {
        let query = try query(of: socket)
        let removals = room.storage.removals
        let name = try await admit(socket.request)
        try await room.join(
            socket, as: name, isShared: true, payload: .items, from: query.start, wantsBeat: query.wantsBeat,
            admittedAt: removals)
    }

    @inline(never)
    private func query(of socket: WebSocket) throws -> ReadRequest { try ReadRequest(socket.request) }

    @inline(never)
    private func take(_ message: Message, from socket: WebSocket) async throws {
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
