import CarafeApp
public import CarafeWebSocketCodec
import NIOCore
import Synchronization

/// Sockets that hear the same messages.
///
/// A message is encoded once, and compressed once for each event loop that has members who want that; each loop is woken
/// once for a burst, and each member gets the burst in one write.
/// A member that does not read delays nobody: what it has not taken is shared with the others' copies, and past
/// `WebSocketOptions.outboundLimit` it is closed with 1013.
public final class Room: Sendable {
    private struct State {
        var groups: [RoomGroup] = []
        /// By their bytes: a hash of text costs the square of its length in the worst case, which a client chooses.
        var names: [[UInt8]: Membership] = [:]
    }

    /// The most characters (Unicode scalars) in a member's name.
    public let nameLimit: Int
    private let state = Mutex(State())

    public init(nameLimit: Int = 32) {
        self.nameLimit = nameLimit
    }

    /// Adds a socket until its handler ends or its connection does.
    ///
    /// A name must have 1 to `nameLimit` characters and be free, else `RoomError` is thrown; before the handshake is
    /// answered that is 400 or 409. The name is taken at once, messages come from here on. Joining again does nothing.
    public func join(_ socket: WebSocket, as name: String? = nil) async throws {
        try await socket.executor.run { [self] in
            guard !socket.memberships.contains(where: { $0.room === self }) else { return }
            let membership = Membership(room: self, socket: socket, name: name)
            if let name { try take(name, for: membership) }
            socket.add(membership)
            do {
                try await socket.accept()
            } catch {
                leave(socket)
                throw error
            }
            if !membership.isOver { group(of: socket.executor).add(membership) }
        }
    }

    /// Removes a socket before its handler ends.
    public func leave(_ socket: WebSocket) {
        let eventLoop = socket.executor.eventLoop
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.leave(socket) } }
        for membership in socket.memberships where membership.room === self {
            socket.remove(membership)
            membership.end()
        }
    }

    /// Throws what `join` would throw for this name now.
    public func check(_ name: String) throws(RoomError) {
        try state.withLock { state throws(RoomError) in try check(name, in: state) }
    }

    /// Sends a message to all members, the sender included.
    public func broadcast(_ message: Message) {
        let frame = FrameEncoder.encode(.message(message))
        for group in state.withLock({ $0.groups }) { group.publish(message, frame: frame) }
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
        let key = Array(name.utf8)
        guard let member = state.withLock({ $0.names[key] }) else { throw .nobody(name) }
        group(of: member.socket.executor).publish(message, to: member)
    }

    /// Sends a value as JSON to the member of a name; throws `RoomError.nobody` when it is not there.
    public func send(json value: some Encodable, to name: String) throws {
        try send(try Message(json: value), to: name)
    }

    /// The names in use, sorted.
    public var names: [String] { state.withLock { state in state.names.values.compactMap(\.name) }.sorted() }

    private func take(_ name: String, for membership: Membership) throws(RoomError) {
        try state.withLock { state throws(RoomError) in
            try check(name, in: state)
            state.names[Array(name.utf8)] = membership
        }
    }

    private func check(_ name: String, in state: borrowing State) throws(RoomError) {
        guard isGood(name) else { throw .badName(limit: nameLimit) }
        guard state.names[Array(name.utf8)] == nil else { throw .nameInUse(name) }
    }

    /// Something to see, no space around it, and nothing that moves a cursor; scalars count, so that marks that pile up
    /// on one letter do too.
    private func isGood(_ name: String) -> Bool {
        let scalars = name.unicodeScalars
        guard name.utf8.count <= 4 * nameLimit, scalars.count <= nameLimit,
            let first = scalars.first, let last = scalars.last
        else { return false }
        return !first.properties.isWhitespace && !last.properties.isWhitespace
            && !scalars.contains { $0.properties.generalCategory == .control }
            && scalars.contains { !$0.properties.isWhitespace && $0.properties.generalCategory != .format }
    }

    func free(_ name: String) {
        state.withLock { $0.names[Array(name.utf8)] = nil }
    }

    private func group(of executor: EventLoopExecutor) -> RoomGroup {
        state.withLock { state in
            if let known = state.groups.first(where: { $0.executor === executor }) { return known }
            let group = RoomGroup(executor: executor)
            state.groups.append(group)
            return group
        }
    }
}
