public import CarafeApp
import CarafeWebSocketCodec
import HTTPTypes
import NIOCore

extension Scaffold {
    /// Serves a room on one path, by whatever way a client can: each reads the same log from a position on.
    ///
    /// | request | answer |
    /// |---|---|
    /// | a WebSocket's handshake | an item of JSON in each message: `{"id":"12-9f3c21d8","data":…}` |
    /// | `GET` with `Accept: text/event-stream` | server-sent events with positions for ids |
    /// | `GET ?after=12-9f3c21d8&wait=25` | what is newer, when it is there; after 25 seconds 204 (long polling) |
    /// | `GET ?after=12-9f3c21d8` | what is newer, at once; 304 to `If-None-Match` (polling) |
    /// | `GET ?stream=iframe` | a script element for each item, which calls `parent.carafe(item)` |
    /// | `POST` | publishes; with an `Idempotency-Key` once, however often it is sent |
    ///
    /// A socket and the streams begin at `?after=`, at the last so many by `?last=`, or now; `Last-Event-ID` counts like
    /// `?after=`. What the log no longer holds is told as a gap, `{"id":…,"gap":{"from":…,"to":…}}`, and never left out
    /// in silence. A message on a socket publishes. With `?beat=1` a socket's first item has `"beat":20`, and `{"beat":20}`
    /// comes every 20 seconds, with each ping: a page cannot see pings.
    ///
    /// - Parameters:
    ///   - pattern: the path, whose arguments `find` gets.
    ///   - options: what a socket is allowed, and whose pages may connect and post; a POST has the app's limit of a body.
    ///   - permit: decides who may join and publish, the same for all ways; without it everybody may.
    ///   - find: gives the room, or throws: `try abort(.notFound)`.
    /// - Returns: The route, which makes the URLs of the room.
    @discardableResult
    public mutating func room<Element: Sendable, each Argument: PathArgument>(
        _ pattern: String, options: WebSocketOptions = WebSocketOptions(), permit: RoomAuthorizer<Element>? = nil,
        _ find: @escaping @Sendable (Request, repeat each Argument) async throws -> Room<Element>
    ) -> Route<repeat each Argument> {
        // Not by `get`: each closure between has its frame in each poll that waits.
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
    /// Whose pages may publish; a browser sends their cookies along.
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

    // Not inlined, both: what they work with would be in the frame of each poll that waits.
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
        // The page's policy, if there is one, demands its nonce.
        let nonce = request.values[ContentSecurityNonce.self]?.value
        return .scripts(callback: callback, nonce: nonce)
    }

    /// Who joins, if that is known.
    // Not inlined: a waiting poll and a socket would keep its room for the request's copy.
    @inline(never)
    private func admit(_ request: Request) async throws -> String? {
        guard let permit else { return nil }
        var access = RoomAuthorization(request: request, room: room, action: .join)
        try await permit(&access)
        // Before the head of a stream is out.
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
        // Whoever took the message out has said no.
        guard let element = access.element else { throw HTTPError(.forbidden) }
        let post = try room.post(element, to: access.audience)
        let member = access.member
        let retry = key.map { IdempotencyKeys.Key(member: member, key: $0) }
        if let retry, let known = room.storage.update({ $0.engine.position(of: retry) }) { return known }
        if let seconds = takeRate(of: member, at: request.connection.eventLoop.now) {
            throw HTTPError(.tooManyRequests, "Expected fewer messages.", headers: [.retryAfter: "\(seconds)"])
        }
        await room.waitForSlowMembers()
        // Who has left in the meantime does not get past those who wait.
        try Task.checkCancellation()
        return try room.append(post, key: retry)
    }

    /// Counts a message of a member; returns in how many seconds the next may come, when it is one too many.
    private func takeRate(of member: [UInt8], at now: NIODeadline) -> Int? {
        room.storage.update { $0.rates.take(member, at: now) }
    }

    // MARK: A socket

    func serve(_ socket: WebSocket) async throws {
        try await join(socket)
        while let message = try await socket.receive() { try await take(message, from: socket) }
    }

    // In functions that are not joined: a task keeps the memory of its deepest calls, and most sockets only listen.
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
