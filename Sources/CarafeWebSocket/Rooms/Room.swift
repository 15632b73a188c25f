public import CarafeApp
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

    init(core: RoomCore, coding: RoomCoding<Element>) {
        self.core = core
        self.coding = coding
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
        _ socket: WebSocket, as name: String?, isShared: Bool, form: Membership.Form, from start: RoomStart
    ) async throws {
        try await socket.executor.run { [core] in
            guard !socket.memberships.contains(where: { $0.room === core }) else { return }
            if let name { try core.take(name, isShared: isShared) }
            let membership = Membership(room: core, socket: socket, name: name, form: form)
            socket.add(membership)
            do {
                try await socket.accept()
            } catch {
                self.leave(socket)
                throw error
            }
            if !membership.isOver { core.group(of: socket.executor).add(membership, from: start) }
        }
    }

    /// Removes a socket before its handler ends.
    public func leave(_ socket: WebSocket) {
        let eventLoop = socket.executor.eventLoop
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.leave(socket) } }
        for membership in socket.memberships where membership.room === core {
            membership.group?.handOver(membership)
            socket.remove(membership)
            membership.end()
        }
    }

    /// Throws what `join` would throw for this name now.
    public func check(_ name: String) throws(RoomError) { try core.check(name) }

    /// Who is here, sorted; one who is here twice is named once.
    public var names: [String] { core.names }

    // MARK: Messages

    /// Where the log ends now.
    public var position: RoomPosition { core.position }

    /// Adds a message to the log, which all members get, and gives its position.
    @discardableResult
    public func publish(_ element: Element) throws -> RoomPosition {
        core.publish(try coding.encode(element))
    }

    /// The same for those of one name; throws `RoomError.nobody` when nobody of it is there.
    @discardableResult
    public func publish(_ element: Element, to name: String) throws -> RoomPosition {
        try core.publish(try coding.encode(element), to: name)
    }

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
    public convenience init(
        nameLimit: Int = 32, history: RoomHistory = .none, slowMembers: SlowMembers = .close
    ) {
        let core = RoomCore(nameLimit: nameLimit, history: history, policy: slowMembers, isJSON: false)
        self.init(core: core, coding: .any)
    }

    /// Sends a message to all members, the sender included.
    public func broadcast(_ message: Message) {
        core.publish(message)
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
    public func send(_ message: Message, to name: String) throws(RoomError) {
        try core.publish(message, to: name)
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
    ///   - coders: how its messages become JSON, and back.
    public convenience init(
        nameLimit: Int = 32, history: RoomHistory = RoomHistory(), slowMembers: SlowMembers = .close,
        coders: JSONCoders = .standard
    ) {
        let core = RoomCore(nameLimit: nameLimit, history: history, policy: slowMembers, isJSON: true)
        self.init(core: core, coding: .json(coders))
    }
}
