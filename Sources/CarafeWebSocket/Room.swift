public import CarafeApp
public import CarafeWebSocketCodec
import HTTPTypes
import NIOCore
import Synchronization

/// Sockets that hear the same messages.
///
/// A message is encoded once, each event loop is woken once for a burst, and each member gets the burst in one write.
/// A member that does not read delays nobody: what it has not taken is shared with the others' copies, and past
/// `WebSocketOptions.outboundLimit` it is closed with 1013.
public final class Room: Sendable {
    private struct State {
        var groups: [RoomGroup] = []
        var names: [String: Membership] = [:]
    }

    /// The most characters in a member's name.
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
            if !membership.isOver { group(of: socket.executor.eventLoop).add(membership) }
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
        for group in state.withLock({ $0.groups }) { group.publish(frame) }
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
        guard let member = state.withLock({ $0.names[name] }) else { throw .nobody(name) }
        member.deliver(FrameEncoder.encode(.message(message)))
    }

    /// Sends a value as JSON to the member of a name; throws `RoomError.nobody` when it is not there.
    public func send(json value: some Encodable, to name: String) throws {
        try send(try Message(json: value), to: name)
    }

    /// The names in use, sorted.
    public var names: [String] { state.withLock { $0.names.keys.sorted() } }

    private func take(_ name: String, for membership: Membership) throws(RoomError) {
        try state.withLock { state throws(RoomError) in
            try check(name, in: state)
            state.names[name] = membership
        }
    }

    private func check(_ name: String, in state: borrowing State) throws(RoomError) {
        guard name.count <= nameLimit, name.contains(where: { !$0.isWhitespace }) else {
            throw .badName(limit: nameLimit)
        }
        guard state.names[name] == nil else { throw .nameInUse(name) }
    }

    fileprivate func free(_ name: String) {
        state.withLock { $0.names[name] = nil }
    }

    fileprivate func group(of eventLoop: any EventLoop) -> RoomGroup {
        state.withLock { state in
            if let known = state.groups.first(where: { $0.eventLoop === eventLoop }) { return known }
            let group = RoomGroup(eventLoop: eventLoop)
            state.groups.append(group)
            return group
        }
    }
}

/// Why a room does not do what it was asked.
public enum RoomError: Error, Equatable, Reply {
    case badName(limit: Int)
    case nameInUse(String)
    case nobody(String)

    public func response(to request: Request) -> Response {
        HTTPError(status, "\(self)").response(to: request)
    }

    private var status: HTTPResponse.Status {
        switch self {
        case .badName: .badRequest
        case .nameInUse: .conflict
        case .nobody: .notFound
        }
    }
}

extension RoomError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badName(let limit): "Expected a name of 1 to \(limit) characters."
        case .nameInUse(let name): "The name \(name) is in use."
        case .nobody(let name): "\(name) is not here."
        }
    }
}

/// One socket in one room.
// Unchecked: `index` and `isOver` are touched on the socket's event loop only.
final class Membership: @unchecked Sendable {
    let room: Room
    let socket: WebSocket
    let name: String?
    private(set) var isOver = false
    /// Where it is in its group's list.
    fileprivate var index: Int?

    init(room: Room, socket: WebSocket, name: String?) {
        self.room = room
        self.socket = socket
        self.name = name
    }

    /// Sends frames to this member alone, after what the room has sent before.
    func deliver(_ frames: ByteBuffer) {
        let eventLoop = socket.executor.eventLoop
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.deliver(frames) } }
        room.group(of: eventLoop).deliver()
        socket.connection?.enqueue(frames)
    }

    func end() {
        guard !isOver else { return }
        isOver = true
        room.group(of: socket.executor.eventLoop).remove(self)
        if let name { room.free(name) }
    }
}

/// The members of a room on one event loop, and the burst that they have not been sent.
// Unchecked: `members` is touched on the event loop only.
final class RoomGroup: @unchecked Sendable {
    let eventLoop: any EventLoop
    private var members: [Membership] = []
    private let burst = Mutex(ByteBuffer())

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Adds a frame to the burst; the first one wakes the loop.
    func publish(_ frame: ByteBuffer) {
        let isFirst = burst.withLock { burst in
            defer { burst.writeImmutableBuffer(frame) }
            return burst.readableBytes == 0
        }
        if isFirst { eventLoop.execute { self.deliver() } }
    }

    /// Sends the burst to all members.
    func deliver() {
        let frames = burst.withLock { burst in
            defer { burst = ByteBuffer() }
            return burst
        }
        guard frames.readableBytes > 0 else { return }
        for member in members { member.socket.connection?.enqueue(frames) }
    }

    /// From the next message on.
    func add(_ member: Membership) {
        deliver()
        member.index = members.count
        members.append(member)
    }

    func remove(_ member: Membership) {
        guard let index = member.index else { return }
        member.index = nil
        members[index] = members[members.count - 1]
        members.removeLast()
        if index < members.count { members[index].index = index }
    }
}
