import CarafeApp
public import CarafeWebSocketCodec
import NIOCore

/// Sockets that hear the same messages.
///
/// `Room()` passes any message on as it is: text and bytes.
///
/// A message is encoded once, and compressed once for each event loop that has members who want that; each loop is woken
/// once for a burst, and each member gets the burst in one write. What is said goes into one log, and a member is a place
/// in it: one that does not read delays nobody and holds nothing but its place. Past `WebSocketOptions.outboundLimit` it
/// is closed with 1013, or as `slowMembers` says.
public final class Room<Element: Sendable>: Sendable {
    let core: RoomCore

    init(core: RoomCore) {
        self.core = core
    }

    /// The most characters (Unicode scalars) in a member's name.
    public var nameLimit: Int { core.nameLimit }

    /// Adds a socket until its handler ends or its connection does.
    ///
    /// A name must have 1 to `nameLimit` characters and be free, else `RoomError` is thrown; before the handshake is
    /// answered that is 400 or 409. The name is taken at once, messages come from here on. Joining again does nothing.
    public func join(_ socket: WebSocket, as name: String? = nil) async throws {
        try await socket.executor.run { [core] in
            guard !socket.memberships.contains(where: { $0.room === core }) else { return }
            let membership = Membership(room: core, socket: socket, name: name)
            if let name { try core.take(name, for: membership) }
            socket.add(membership)
            do {
                try await socket.accept()
            } catch {
                self.leave(socket)
                throw error
            }
            if !membership.isOver { core.group(of: socket.executor).add(membership) }
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

    /// The names in use, sorted.
    public var names: [String] { core.names }

    /// Where the log ends now.
    public var position: RoomPosition { core.position }
}

extension Room where Element == Message {
    /// A room for any message.
    ///
    /// - Parameters:
    ///   - nameLimit: the most characters in a member's name.
    ///   - history: what is kept for those who come later.
    ///   - slowMembers: what happens to those who do not keep up.
    public convenience init(
        nameLimit: Int = 32, history: RoomHistory = .none, slowMembers: SlowMembers = .close
    ) {
        self.init(core: RoomCore(nameLimit: nameLimit, history: history, policy: slowMembers))
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
