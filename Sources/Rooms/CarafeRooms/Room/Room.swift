public import CarafeApp
import CarafeRuntime
public import CarafeWebSocketCodec
import NIOCore

/// A bounded log of messages, and the sockets, streams and polls that read it.
///
/// `Room()` takes any message, text and binary, as it is; `Room<ChatMessage>()` has messages of a type, which are JSON
/// on the wire. `app.room` serves a room to browsers.
///
/// Each message is appended to one log, which is bounded by `history`. A subscriber is a cursor in it: one that does
/// not read delays no other and takes no memory but its cursor. A message is encoded once, and compressed once for each
/// event loop with subscribers that negotiated compression. Each loop is woken once for a burst of messages, and each
/// subscriber gets the burst in one write. A socket that lags by more than `WebSocketOptions.outboundLimit` is closed
/// with 1013, or treated as `slowMembers` says.
public final class Room<Element: Sendable>: Sendable {
    let storage: RoomStorage
    let coding: RoomCoding<Element>
    private let slowMembers: SlowMembers<Element>

    init(_ options: RoomOptions, _ slowMembers: SlowMembers<Element>, coding: RoomCoding<Element>, isJSON: Bool) {
        storage = RoomStorage(options, policy: slowMembers.policy, isJSON: isJSON)
        self.coding = coding
        self.slowMembers = slowMembers
    }

    /// The greatest number of characters (Unicode scalars) in a member's name.
    public var nameLimit: Int { storage.names.limit }

    // MARK: Members

    /// Adds a socket until its handler ends or its connection does. It gets the messages from now on; the name is in
    /// use from now on. If the socket is a member already, the call does nothing.
    ///
    /// - Parameter name: A name of 1 to `nameLimit` characters that is not in use; nil for a member without a name.
    /// - Throws: `RoomError.badName`, `.nameInUse` or `.removed`; before the handshake is answered, the client gets it
    ///   as 400, 409 or 403.
    public func join(_ socket: WebSocket, as name: String? = nil) async throws {
        try await join(socket, as: name, isShared: false, payload: .plain, from: .now)
    }

    func join(
        _ socket: WebSocket, as name: String?, isShared: Bool, payload: SocketSubscriber.Payload, from start: RoomStart,
        wantsBeat: Bool = false, admittedAt removals: UInt64? = nil
    ) async throws {
        try await socket.executor.run { [storage] in
            guard !socket.outboundSources.contains(where: { ($0 as? SocketSubscriber)?.storage === storage }) else {
                return
            }
            if let name { try storage.connect(name, isShared: isShared) }
            let subscriber = SocketSubscriber(
                storage: storage, socket: socket, name: name, payload: payload, wantsBeat: wantsBeat)
            socket.attach(subscriber)
            let shard = storage.shard(of: socket.executor)
            // Before the client knows that it has joined, so that it misses no message after that.
            shard.add(subscriber, from: start)
            if let removals, name != nil, storage.removals != removals {
                self.leave(socket)
                throw RoomError.removed
            }
            do {
                try await socket.accept()
            } catch {
                self.leave(socket)
                throw error
            }
            // It was removed before its socket was open.
            if subscriber.state == .left { throw CancellationError() }
            shard.open(subscriber)
        }
    }

    /// Removes a socket before its handler ends.
    public func leave(_ socket: WebSocket) {
        let eventLoop = socket.executor.eventLoop
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.leave(socket) } }
        for source in socket.outboundSources where (source as? SocketSubscriber)?.storage === storage {
            source.flushBeforeClose()
            socket.remove(source)
            source.detach()
        }
    }

    /// Checks that a text can be a member's name, whether or not it is in use.
    ///
    /// - Throws: `RoomError.badName`.
    public func validate(name: String) throws(RoomError) { try storage.names.validate(name) }

    /// Checks that `join` would accept a name now.
    ///
    /// - Throws: `RoomError.badName`, or `.nameInUse` where the name has a connection.
    public func requireAvailable(name: String) throws(RoomError) { try storage.requireAvailable(name: name) }

    /// The names of the members, sorted, each once. In a room with presence they include the members within their
    /// grace.
    public var names: [String] { storage.update { $0.roster.names } }

    /// Returns whether the room has a member of this name.
    public func contains(memberNamed name: String) -> Bool {
        let bytes = Array(name.utf8)
        return storage.update { $0.roster.contains(bytes) }
    }

    /// The changes of presence from now on. A room without presence has none.
    ///
    /// ```swift
    /// for await change in room.changes { if case .joined(let name) = change { … } }
    /// ```
    public var changes: RoomChanges { RoomChanges(storage: storage) }

    // MARK: Messages

    /// The end of the log.
    public var position: RoomPosition { storage.update { $0.engine.position } }

    /// Publishes a message to all members.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.ended` after `finish`, or the error of the encoder.
    @discardableResult
    public func publish(_ element: Element) throws -> RoomPosition {
        try append(try post(element))
    }

    /// Publishes a message to the members of these names only.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.nobody` if none of them is present, `.ended` after `finish`, or the error of the encoder.
    @discardableResult
    public func publish(_ element: Element, to names: String...) throws -> RoomPosition {
        try publish(element, to: names)
    }

    /// Publishes a message to the members of these names only.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.nobody` if none of them is present, `.ended` after `finish`, or the error of the encoder.
    @discardableResult
    public func publish(_ element: Element, to names: [String]) throws -> RoomPosition {
        try append(try post(element, to: names))
    }

    func append(_ post: RoomPost, key: IdempotencyKeys.Key? = nil) throws(RoomError) -> RoomPosition {
        try storage.update { state throws(RoomError) in try state.publish(post, key: key) }
    }

    func post(_ element: Element, to names: [String]? = nil) throws -> RoomPost {
        // A name that is given twice counts once.
        let audience = names.map { Array(Set($0.map { Array($0.utf8) })) }
        return RoomPost(try coding.encode(element), to: audience, about: slowMembers.subject(of: element))
    }

    /// Waits while a subscriber lags too far, if the policy is `SlowMembers.hold`. Returns at once when the task is
    /// cancelled.
    public func waitForSlowMembers() async {
        await storage.waitForSlowMembers()
    }

    /// The history, to be stored for the next run of the program: `Room(restoring: snapshot)`.
    ///
    /// Store it before the app serves, and again as messages are published: readers of a room that is restored from it
    /// are told a gap in place of the messages that were published after it.
    public var snapshot: RoomSnapshot { storage.snapshot }

    /// Ends the room, and returns a snapshot with which the next run continues without a gap.
    ///
    /// From now on `publish` throws `RoomError.ended`; the log can still be read. Call it when the server has stopped.
    @discardableResult
    public func finish() -> RoomSnapshot { storage.finish() }

    /// Removes a member: ends its sockets with 1008, its streams and its waiting polls. It leaves with the last of
    /// them, without the grace of presence.
    ///
    /// The client may join again unless the route's `permit` refuses it, so let that happen first. A client that is
    /// being admitted during the call is removed too.
    public func remove(_ name: String) { storage.remove(name) }

    /// The messages after a position, or from now on, for code of the server.
    ///
    /// ```swift
    /// for try await entry in room.entries(after: last) { try await archive.add(entry.element) }
    /// ```
    public func entries(after position: RoomPosition? = nil) -> RoomEntries<Element> {
        RoomEntries(storage: storage, coding: coding, start: position.map { .after($0) } ?? .now)
    }
}

extension Room where Element == Message {
    /// Creates a room that takes any messages. Unlike a typed room it keeps no history by default.
    ///
    /// - Parameters:
    ///   - nameLimit: The greatest number of characters in a member's name.
    ///   - history: The bounds of the history for later and returning subscribers.
    ///   - slowMembers: The policy for slow subscribers.
    ///   - presence: Presence for the subscribers of the room's route; nil for none.
    ///   - memberRate: The rate at which a member may publish by the room's route: a name, or an address without a
    ///     name.
    ///   - roomRate: The rate at which all members together may publish by the route; nil for no limit.
    ///   - snapshot: The history of an earlier run.
    public convenience init(
        nameLimit: Int = 32, history: RoomHistory = .none, slowMembers: SlowMembers<Message> = .close,
        presence: PresenceOptions? = nil, memberRate: RoomRate? = RoomRate(100), roomRate: RoomRate? = nil,
        restoring snapshot: RoomSnapshot? = nil
    ) {
        let options = RoomOptions(
            nameLimit: nameLimit, history: history, presence: presence, memberRate: memberRate, roomRate: roomRate,
            snapshot: snapshot)
        self.init(options, slowMembers, coding: .any, isJSON: false)
    }

    /// Publishes a message to all members, including its sender.
    ///
    /// - Returns: The position of the message; nil after `finish`.
    @discardableResult
    public func publish(_ message: Message) -> RoomPosition? {
        // Neither encoding nor an audience can fail here.
        try? append(try post(message))
    }

    /// Publishes a text to all members.
    ///
    /// - Returns: The position of the message; nil after `finish`.
    @discardableResult
    public func publish(_ text: String) -> RoomPosition? { publish(.text(text)) }

    /// Publishes a value as JSON to all members.
    ///
    /// - Returns: The position of the message; nil after `finish`.
    /// - Throws: The error of the encoder.
    @discardableResult
    public func publish(json value: some Encodable) throws -> RoomPosition? { publish(try Message(json: value)) }

    /// Publishes a value as JSON to the members of these names only.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.nobody` if none of them is present, `.ended` after `finish`, or the error of the encoder.
    @discardableResult
    public func publish(json value: some Encodable, to names: String...) throws -> RoomPosition {
        try publish(try Message(json: value), to: names)
    }
}

extension Room where Element: Codable {
    /// Creates a room that takes messages of a type, which are JSON on the wire. A message that cannot be decoded is
    /// refused with an error that names the place of the fault.
    ///
    /// - Parameters:
    ///   - nameLimit: The greatest number of characters in a member's name.
    ///   - history: The bounds of the history for later and returning subscribers.
    ///   - slowMembers: The policy for slow subscribers.
    ///   - presence: Presence for the subscribers of the room's route; nil for none.
    ///   - memberRate: The rate at which a member may publish by the room's route: a name, or an address without a
    ///     name.
    ///   - roomRate: The rate at which all members together may publish by the route; nil for no limit.
    ///   - snapshot: The history of an earlier run.
    ///   - coders: The encoder and the decoder of its messages.
    public convenience init(
        nameLimit: Int = 32, history: RoomHistory = RoomHistory(), slowMembers: SlowMembers<Element> = .close,
        presence: PresenceOptions? = nil, memberRate: RoomRate? = RoomRate(100), roomRate: RoomRate? = nil,
        restoring snapshot: RoomSnapshot? = nil, coders: JSONCoders = .standard
    ) {
        let options = RoomOptions(
            nameLimit: nameLimit, history: history, presence: presence, memberRate: memberRate, roomRate: roomRate,
            snapshot: snapshot)
        self.init(options, slowMembers, coding: .json(coders), isJSON: true)
    }
}
