public import CarafeApp
import CarafeRuntime
public import CarafeWebSocketCodec
import NIOCore

/// Sockets, streams and polls that hear the same messages.
///
/// `Room()` passes any message on as it is, text and bytes; `Room<ChatMessage>()` has messages of a type, which are JSON
/// outside. `app.room` serves one to browsers.
///
/// What is said goes into one log, bounded by `history`, and whoever listens is a place in it: one that does not read
/// delays nobody and holds nothing but its place. A message is encoded once, and compressed once for each event loop that
/// has members who want that; each loop is woken once for a burst, and each member gets the burst in one write. A socket
/// past `WebSocketOptions.outboundLimit` is closed with 1013, or as `slowMembers` says.
public final class Room<Element: Sendable>: Sendable {
    let storage: RoomStorage
    let coding: RoomCoding<Element>
    private let slowMembers: SlowMembers<Element>

    init(_ options: RoomOptions, _ slowMembers: SlowMembers<Element>, coding: RoomCoding<Element>, isJSON: Bool) {
        storage = RoomStorage(options, policy: slowMembers.policy, isJSON: isJSON)
        self.coding = coding
        self.slowMembers = slowMembers
    }

    /// The most characters (Unicode scalars) in a member's name.
    public var nameLimit: Int { storage.names.limit }

    // MARK: Members

    /// Adds a socket until its handler ends or its connection does.
    ///
    /// A name must have 1 to `nameLimit` characters and be free, else `RoomError` is thrown; before the handshake is
    /// answered that is 400 or 409. The name is taken at once, messages come from here on. Joining again does nothing.
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
            // Before the client knows that it is in: what is said from then on is kept for it.
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
            // Its socket was not open yet when it was removed.
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

    /// Checks that a text can be the name of a member, in use or not.
    ///
    /// - Throws: `RoomError.badName`.
    public func validate(name: String) throws(RoomError) { try storage.names.validate(name) }

    /// Checks that `join` would accept a name now.
    ///
    /// - Throws: `RoomError.badName`, or `.nameInUse` where the name has a connection.
    public func requireAvailable(name: String) throws(RoomError) { try storage.requireAvailable(name: name) }

    /// Who is here, sorted; one who is here twice is named once. With presence also one who has just gone and may return.
    public var names: [String] { storage.update { $0.roster.names } }

    /// Whether a member of this name is here.
    public func contains(memberNamed name: String) -> Bool {
        let bytes = Array(name.utf8)
        return storage.update { $0.roster.contains(bytes) }
    }

    /// Who comes and who goes, from now on, in a room that was made with presence; in any other nobody does.
    ///
    /// ```swift
    /// for await change in room.changes { if case .joined(let name) = change { … } }
    /// ```
    public var changes: RoomChanges { RoomChanges(storage: storage) }

    // MARK: Messages

    /// Where the log ends now.
    public var position: RoomPosition { storage.update { $0.engine.log.position } }

    /// Appends a message to the log, for all members.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.ended` after `finish`, or the error of the encoder.
    @discardableResult
    public func publish(_ element: Element) throws -> RoomPosition {
        try append(try post(element))
    }

    /// Appends a message to the log, for the members of these names alone.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.nobody` when none of them is here, `.ended` after `finish`, or the error of the encoder.
    @discardableResult
    public func publish(_ element: Element, to names: String...) throws -> RoomPosition {
        try publish(element, to: names)
    }

    /// Appends a message to the log, for the members of these names alone.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.nobody` when none of them is here, `.ended` after `finish`, or the error of the encoder.
    @discardableResult
    public func publish(_ element: Element, to names: [String]) throws -> RoomPosition {
        try append(try post(element, to: names))
    }

    func append(_ post: RoomPost, key: IdempotencyKeys.Key? = nil) throws(RoomError) -> RoomPosition {
        try storage.update { state throws(RoomError) in try state.publish(post, key: key) }
    }

    func post(_ element: Element, to names: [String]? = nil) throws -> RoomPost {
        // Each once, whoever is named twice.
        let audience = names.map { Array(Set($0.map { Array($0.utf8) })) }
        return RoomPost(try coding.encode(element), to: audience, about: slowMembers.subject(of: element))
    }

    /// Waits while somebody is far behind, where `SlowMembers.hold` says so; ends at once when the task is cancelled.
    public func waitForSlowMembers() async {
        await storage.waitForSlowMembers()
    }

    /// What the history holds now, to be written down for the next run: `Room(restoring: snapshot)`.
    ///
    /// Write it down before you serve, and again as messages come: a room that is restored from it tells its readers a gap
    /// for what was published after it.
    public var snapshot: RoomSnapshot { storage.snapshot }

    /// Ends the room, and gives what the next run goes on with, and without a gap, since nothing comes after it.
    ///
    /// What is published from now on throws `RoomError.ended`; what is there can still be read. Call it when the server
    /// has stopped.
    @discardableResult
    public func finish() -> RoomSnapshot { storage.finish() }

    /// Ends all that somebody of this name reads by: sockets with 1008, streams, and polls that wait. The person has left
    /// with the last of them, without the time that presence gives to return.
    ///
    /// It does not keep anybody from coming back: let the route's `permit` refuse that first. A client that is admitted
    /// while this runs is ended too.
    public func remove(_ name: String) { storage.remove(name) }

    /// What is said after a position, or from now on, for code of the server.
    ///
    /// ```swift
    /// for try await entry in room.entries(after: last) { try await archive.add(entry.element) }
    /// ```
    public func entries(after position: RoomPosition? = nil) -> RoomEntries<Element> {
        RoomEntries(storage: storage, coding: coding, start: position.map { .after($0) } ?? .now)
    }
}

extension Room where Element == Message {
    /// A room for any message.
    ///
    /// - Parameters:
    ///   - nameLimit: the most characters in a member's name.
    ///   - history: what is kept for those who come later, and for those who come back.
    ///   - slowMembers: what happens to those who do not keep up.
    ///   - presence: whether those who read by the room's route are told who is here, and who comes and goes.
    ///   - memberRate: how often one may publish by the room's route; a member is its name, or an address without one.
    ///   - roomRate: how often all together may; nil for any.
    ///   - snapshot: the history of an earlier run.
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

    /// Appends a message to the log, for all members, the sender included.
    ///
    /// - Returns: The position of the message; nil after `finish`, when nothing is appended.
    @discardableResult
    public func publish(_ message: Message) -> RoomPosition? {
        // A message encodes, and everybody is there: nothing else can fail.
        try? append(try post(message))
    }

    /// Appends a text to the log, for all members.
    ///
    /// - Returns: The position of the message; nil after `finish`, when nothing is appended.
    @discardableResult
    public func publish(_ text: String) -> RoomPosition? { publish(.text(text)) }

    /// Appends a value as JSON to the log, for all members.
    ///
    /// - Returns: The position of the message; nil after `finish`, when nothing is appended.
    /// - Throws: The error of the encoder.
    @discardableResult
    public func publish(json value: some Encodable) throws -> RoomPosition? { publish(try Message(json: value)) }

    /// Appends a value as JSON to the log, for the members of these names alone.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.nobody` when none of them is here, `.ended` after `finish`, or the error of the encoder.
    @discardableResult
    public func publish(json value: some Encodable, to names: String...) throws -> RoomPosition {
        try publish(try Message(json: value), to: names)
    }
}

extension Room where Element: Codable {
    /// A room for messages of a type, which are JSON outside; what does not decode is refused with the place of the fault.
    ///
    /// - Parameters:
    ///   - nameLimit: the most characters in a member's name.
    ///   - history: what is kept for those who come later, and for those who come back.
    ///   - slowMembers: what happens to those who do not keep up.
    ///   - presence: whether those who read by the room's route are told who is here, and who comes and goes.
    ///   - memberRate: how often one may publish by the room's route; a member is its name, or an address without one.
    ///   - roomRate: how often all together may; nil for any.
    ///   - snapshot: the history of an earlier run.
    ///   - coders: how its messages become JSON, and back.
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
