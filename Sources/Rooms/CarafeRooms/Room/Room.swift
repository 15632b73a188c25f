public import CarafeApp
import CarafeRuntime
import NIOCore

/// A bounded log of messages, and the sockets, streams and polls that read it.
///
/// `Room()` carries any message unchanged, text and bytes; the messages of `Room<ChatMessage>()` have a type, and are
/// JSON on the wire. `app.room` serves a room to browsers. Such a room lives in the memory of this process; `Rooms` has
/// rooms that outlive it, and that several processes share.
///
/// A message is appended to the log, which `history` bounds. A subscriber is a cursor in the log: a slow one delays
/// nobody and holds nothing but its cursor. A message is encoded once, and compressed once for each event loop with
/// members that want it. An event loop is woken once for a burst, and a member gets the burst in one write. A socket
/// past `WebSocketOptions.outboundLimit` is closed with 1013, or as `slowMembers` says.
///
/// All calls that wait do so for an engine that other processes share, and throw `RoomError.unavailable` after 2
/// seconds if it cannot be reached. Without an engine they do not wait.
public final class Room<Element: Sendable>: Sendable {
    let storage: RoomStorage
    let coding: RoomCoding<Element>
    private let slowMembers: SlowMembers<Element>

    init(_ storage: RoomStorage, _ slowMembers: SlowMembers<Element>, coding: RoomCoding<Element>) {
        self.storage = storage
        self.coding = coding
        self.slowMembers = slowMembers
    }

    /// The maximum length of a member's name, in Unicode scalars.
    public var nameLimit: Int { storage.names.limit }

    // MARK: Members

    /// Adds a socket until its handler ends or its connection does. A second call does nothing.
    ///
    /// The name is taken at once, and the socket gets the messages from here on.
    ///
    /// - Parameters:
    ///   - socket: The socket. Its handshake is accepted if it has not been.
    ///   - name: A name of 1 to `nameLimit` characters that no other connection has; nil for none.
    /// - Throws: `RoomError.badName`, `.nameInUse` or `.unavailable`, which before the handshake is a response of 400,
    ///   409 or 503.
    public func join(_ socket: WebSocket, as name: String? = nil) async throws {
        var admitted = AdmittedReader()
        if let name {
            try storage.names.validate(name)
            admitted.name = Array(name.utf8)
        }
        try await SocketAdmission(storage: storage, admitted: admitted).admit(socket)
    }

    /// Removes a socket before its handler ends.
    public func leave(_ socket: WebSocket) {
        let eventLoop = socket.executor.eventLoop
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.leave(socket) } }
        socket.subscriber(of: storage)?.leaveRoom()
    }

    /// Checks that a text can be the name of a member, in use or not.
    ///
    /// - Throws: `RoomError.badName`.
    public func validate(name: String) throws(RoomError) { try storage.names.validate(name) }

    /// Checks that `join` would accept a name now.
    ///
    /// - Throws: `RoomError.badName`, `.nameInUse` where the name has a connection, or `.unavailable`.
    public func requireAvailable(name: String) async throws(RoomError) {
        try await storage.requireAvailable(name: name)
    }

    /// The names of the members, sorted, each once; with presence, those within their grace too.
    public var names: [String] {
        get async throws(RoomError) { try await members.names }
    }

    /// The number of members.
    public var memberCount: Int {
        get async throws(RoomError) { try await members.count }
    }

    /// Returns whether a member has this name.
    ///
    /// - Throws: `RoomError.unavailable`.
    public func contains(memberNamed name: String) async throws(RoomError) -> Bool {
        try await members.contains(Array(name.utf8))
    }

    private var members: RoomMembers {
        get async throws(RoomError) {
            try await storage.prepare(for: .now)
            return storage.update { $0.members }
        }
    }

    /// Ends all sockets (with 1008), streams and waiting polls of a name, which then leaves without a grace.
    ///
    /// It does not prevent a return: let the route's `permit` refuse that first. A client that is admitted meanwhile is
    /// ended too. A process that is cut off from the engine ends them once it reads on.
    ///
    /// - Throws: `RoomError.unavailable`.
    public func remove(_ name: String) async throws(RoomError) { try await storage.remove(Array(name.utf8)) }

    /// The members that join and leave from now on, in a room with presence; without presence there are no changes.
    ///
    /// It ends when its task is cancelled.
    ///
    /// ```swift
    /// for try await change in room.changes { if case .joined(let name) = change { … } }
    /// ```
    public var changes: RoomChanges { RoomChanges(storage: storage) }

    // MARK: Messages

    /// The end of the log now.
    public var position: RoomPosition {
        get async throws(RoomError) {
            try await storage.prepare(for: .now)
            return storage.update { $0.log.position }
        }
    }

    /// Appends a message to the log, for all members.
    ///
    /// - Returns: The position of the message, once the engine has it as safely as it was asked to keep it.
    /// - Throws: `RoomError.unavailable`, or the error of the encoder.
    @discardableResult
    public func publish(_ element: Element) async throws -> RoomPosition {
        try await storage.publish(try post(element), key: nil)
    }

    /// Appends a message to the log, for the members of these names only.
    ///
    /// - Returns: The position of the message.
    /// - Throws: `RoomError.nobody` when none of them is in the room, `.unavailable`, or the error of the encoder.
    @discardableResult
    public func publish(_ element: Element, to names: [String]) async throws -> RoomPosition {
        try await storage.publish(try post(element, to: names), key: nil)
    }

    /// The engine that has the room, and its description there; nil for a room in memory.
    package var engineRoom: (any RoomEngine, EngineRoom)? { storage.link.map { ($0.engine, $0.room) } }

    package func post(_ element: Element, to names: [String]? = nil) throws -> RoomPost {
        // Through a set: a name that is listed twice gets the message once.
        let audience = names.map { Array(Set($0.map { Array($0.utf8) })) }
        return RoomPost(try coding.encode(element), to: audience, about: slowMembers.subject(of: element))
    }

    /// Waits while a member of this process lags too far, under `SlowMembers.hold`; returns at once when the task is
    /// cancelled.
    public func waitForSlowMembers() async {
        await storage.waitForSlowMembers()
    }

    /// The entries after a position, or from now on, those for some names only too, as they are published.
    ///
    /// ```swift
    /// for try await entry in room.entries(after: last) { try await archive.add(entry.element) }
    /// ```
    ///
    /// It reads at its own pace, and ends when its task is cancelled. 4 MiB are kept for it beyond the room's history;
    /// before an entry that follows missing ones it reports the gap. In an engine's room "now" is the first `next()`.
    public func entries(after position: RoomPosition? = nil) -> RoomEntries<Element> {
        RoomEntries(storage: storage, coding: coding, start: position.map { .after($0) } ?? .now)
    }
}

extension Room where Element: Codable {
    /// Creates a room in memory whose messages have a type and are JSON on the wire. Other JSON is refused, with the
    /// faulty place.
    ///
    /// - Parameters:
    ///   - history: The messages that are kept for later subscribers; 1,000 and 1 MiB by default.
    ///   - slowMembers: The policy for members that do not keep up.
    ///   - presence: Whether subscribers of the room's route get the names of the members, and their changes.
    ///   - limits: The limits for names and for the rates of messages.
    ///   - coders: The encoder and decoder of the messages.
    public convenience init(
        history: RoomHistory = RoomHistory(), slowMembers: SlowMembers<Element> = .close,
        presence: PresenceOptions? = nil, limits: RoomLimits = RoomLimits(), coders: JSONCoders = .standard
    ) {
        let options = RoomOptions(history: history, presence: presence, limits: limits)
        self.init(
            RoomStorage(options, policy: slowMembers.policy, isJSON: true), slowMembers, coding: .json(coders))
    }
}
