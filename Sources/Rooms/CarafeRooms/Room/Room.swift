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
    let core: RoomCore
    let coding: RoomCoding<Element>
    private let slowMembers: SlowMembers<Element>

    init(_ options: RoomOptions, _ slowMembers: SlowMembers<Element>, coding: RoomCoding<Element>, isJSON: Bool) {
        core = RoomCore(options, policy: slowMembers.policy, isJSON: isJSON)
        self.coding = coding
        self.slowMembers = slowMembers
    }

    /// The most characters (Unicode scalars) in a member's name.
    public var nameLimit: Int { core.nameLimit }

    // MARK: Members

    /// Adds a socket until its handler ends or its connection does.
    ///
    /// A name must have 1 to `nameLimit` characters and be free, else `RoomError` is thrown; before the handshake is
    /// answered that is 400 or 409. The name is taken at once, messages come from here on. Joining again does nothing.
    public func join(_ socket: WebSocket, as name: String? = nil) async throws {
        try await join(socket, as: name, isShared: false, form: .plain, from: .now)
    }

    func join(
        _ socket: WebSocket, as name: String?, isShared: Bool, form: Membership.Form, from start: RoomStart,
        wantsBeat: Bool = false, admittedAt removals: UInt64? = nil
    ) async throws {
        try await socket.executor.run { [core] in
            guard !socket.outboundSources.contains(where: { ($0 as? Membership)?.room === core }) else { return }
            if let name { try core.connect(name, isShared: isShared) }
            let membership = Membership(room: core, socket: socket, name: name, form: form)
            membership.wantsBeat = wantsBeat
            socket.attach(membership)
            let group = core.group(of: socket.executor)
            // Before the client knows that it is in: what is said from then on is kept for it.
            group.add(membership, from: start)
            if let removals, name != nil, core.removals != removals {
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
            if membership.isOver { throw CancellationError() }
            group.open(membership)
        }
    }

    /// Removes a socket before its handler ends.
    public func leave(_ socket: WebSocket) {
        let eventLoop = socket.executor.eventLoop
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.leave(socket) } }
        for source in socket.outboundSources where (source as? Membership)?.room === core {
            source.flushBeforeClose()
            socket.remove(source)
            source.detach()
        }
    }

    /// Throws `RoomError.badName` for what cannot be a name here, used or not.
    public func checkName(_ name: String) throws(RoomError) { try core.checkForm(name) }

    /// Throws what `join` would throw for this name now.
    public func check(_ name: String) throws(RoomError) { try core.check(name) }

    /// Who is here, sorted; one who is here twice is named once. With presence also one who has just gone and may return.
    public var names: [String] { core.names }

    /// Whether somebody of this name is here.
    public func isHere(_ name: String) -> Bool { core.isHere(name) }

    /// Who comes and who goes, from now on, in a room that was made with presence; in any other nobody does.
    ///
    /// ```swift
    /// for await change in room.changes { if case .joined(let name) = change { … } }
    /// ```
    public var changes: RoomChanges { RoomChanges(core: core) }

    // MARK: Messages

    /// Where the log ends now.
    public var position: RoomPosition { core.position }

    /// Adds a message to the log, which all members get, and gives its position; throws `RoomError.ended` after `finish`.
    @discardableResult
    public func publish(_ element: Element) throws -> RoomPosition {
        try core.publish(try post(element))
    }

    /// The same for those of some names; throws `RoomError.nobody` when none of them is here.
    @discardableResult
    public func publish(_ element: Element, to names: String...) throws -> RoomPosition {
        try publish(element, to: names)
    }

    /// The same for those of some names; throws `RoomError.nobody` when none of them is here.
    @discardableResult
    public func publish(_ element: Element, to names: [String]) throws -> RoomPosition {
        try core.publish(try post(element, to: names))
    }

    func post(_ element: Element, to names: [String]? = nil) throws -> RoomPost {
        // Each once, whoever is named twice.
        let audience = names.map { Array(Set($0.map { Array($0.utf8) })) }
        return RoomPost(try coding.encode(element), to: audience, about: slowMembers.subject(of: element))
    }

    /// Waits while somebody is far behind, where `SlowMembers.hold` says so; ends at once when the task is cancelled.
    public func waitForMembers() async {
        await core.waitForMembers()
    }

    /// What the history holds now, to be written down for the next run: `Room(restoring: snapshot)`.
    ///
    /// Write it down before you serve, and again as messages come: a room that is restored from it tells its readers a gap
    /// for what was published after it.
    public var snapshot: RoomSnapshot { core.snapshot }

    /// Ends the room, and gives what the next run goes on with, and without a gap, since nothing comes after it.
    ///
    /// What is published from now on throws `RoomError.ended`; what is there can still be read. Call it when the server
    /// has stopped.
    @discardableResult
    public func finish() -> RoomSnapshot { core.finish() }

    /// Ends all that somebody of this name reads by: sockets with 1008, streams, and polls that wait. The person has left
    /// with the last of them, without the time that presence gives to return.
    ///
    /// It does not keep anybody from coming back: let the route's `permit` refuse that first. A client that is admitted
    /// while this runs is ended too.
    public func remove(_ name: String) { core.remove(name) }

    /// What is said after a position, or from now on, for code of the server.
    ///
    /// ```swift
    /// for try await entry in room.entries(after: last) { try await archive.add(entry.element) }
    /// ```
    public func entries(after position: RoomPosition? = nil) -> RoomEntries<Element> {
        RoomEntries(core: core, coding: coding, start: position.map { .after($0) } ?? .now)
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
        presence: RoomPresence? = nil, memberRate: RoomRate? = RoomRate(100), roomRate: RoomRate? = nil,
        restoring snapshot: RoomSnapshot? = nil
    ) {
        let options = RoomOptions(
            nameLimit: nameLimit, history: history, presence: presence, memberRate: memberRate, roomRate: roomRate,
            snapshot: snapshot)
        self.init(options, slowMembers, coding: .any, isJSON: false)
    }

    /// Sends a message to all members, the sender included; nothing after `finish`.
    public func broadcast(_ message: Message) {
        // A message encodes, and everybody is there.
        _ = try? publish(message)
    }

    /// Sends a text to all members.
    public func broadcast(_ text: String) {
        broadcast(.text(text))
    }

    /// Sends a value as JSON to all members.
    public func broadcast(json value: some Encodable) throws {
        broadcast(try Message(json: value))
    }

    /// Sends a message to the member of a name; throws `RoomError.nobody` when it is not there.
    public func send(_ message: Message, to name: String) throws {
        try publish(message, to: name)
    }

    /// Sends a value as JSON to the member of a name; throws `RoomError.nobody` when it is not there.
    public func send(json value: some Encodable, to name: String) throws {
        try send(try Message(json: value), to: name)
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
        presence: RoomPresence? = nil, memberRate: RoomRate? = RoomRate(100), roomRate: RoomRate? = nil,
        restoring snapshot: RoomSnapshot? = nil, coders: JSONCoders = .standard
    ) {
        let options = RoomOptions(
            nameLimit: nameLimit, history: history, presence: presence, memberRate: memberRate, roomRate: roomRate,
            snapshot: snapshot)
        self.init(options, slowMembers, coding: .json(coders), isJSON: true)
    }
}
