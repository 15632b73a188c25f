public import CarafeApp

/// A client's wish to join a room or to publish in it, by any way; the closure of `app.room` decides.
public struct RoomAuthorization<Element: Sendable>: Sendable {
    /// The kinds of access.
    public enum Action: Sendable, Equatable {
        /// The client wants to read, by a socket, a stream or a poll.
        case join
        /// The client wants to publish a message.
        case publish
    }

    /// The request of the socket's handshake, the stream, the poll or the POST, with its session, cookies and path.
    public let request: Request
    /// The room.
    public let room: Room<Element>
    /// The kind of access that the client wants.
    public let action: Action

    /// The message to publish; nil for `join`. The closure may change it, for example to set the sender's name.
    public var element: Element?

    /// The client's name in the room. It is in `room.names` while the client has a socket or a stream, and with
    /// presence also while it polls, and the client gets the messages to that name. Several clients may have the same
    /// name.
    public var name: String?

    /// The names of the members that the message is for; nil for all. If none of them is present, the client gets
    /// `RoomError.nobody`.
    ///
    /// A later client of one of these names reads the message in the history, so let a name belong to one person for as
    /// long as the history lasts.
    public var audience: [String]?
}

/// A closure that decides about access to a room. It refuses by throwing: `try abort(.forbidden)`.
public typealias RoomAuthorizer<Element: Sendable> = @Sendable (inout RoomAuthorization<Element>) async throws -> Void

extension RoomAuthorization {
    /// The identity for rates and idempotency keys: the name, or the address if there is no name. No name has its first
    /// byte.
    var member: [UInt8] {
        if let name { Array(name.utf8) } else { [0] + Array(request.remoteNetwork.utf8) }
    }
}
