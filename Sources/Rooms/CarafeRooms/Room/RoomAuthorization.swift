public import CarafeApp

/// Somebody wants to join a room, or to publish in it, by whatever transport; the closure of `app.room` decides.
public struct RoomAuthorization<Element: Sendable>: Sendable {
    /// What is wanted.
    public enum Action: Sendable, Equatable {
        /// To read: a socket, a stream or a poll.
        case join
        case publish
    }

    /// The request: of the socket's handshake, of the stream, of the poll or of the POST. Session, cookies and path are in
    /// it.
    public let request: Request
    public let room: Room<Element>
    public let action: Action

    /// The message to publish, which may be changed: to sign it, for one. Nil for `join`.
    public var element: Element?

    /// Who it is: the name under which it is counted among `room.names` while a socket or stream is open, and with presence
    /// also when it polls, and gets what is published to that name. The same name may come in twice.
    public var name: String?

    /// The names of those whom alone the message is for; nil for everybody. When none of them is here, who publishes gets
    /// `RoomError.nobody`.
    ///
    /// They have its place in the history too, and so has who takes one of these names later: let a name belong to one
    /// person for as long as the history lasts.
    public var audience: [String]?
}

/// Refuses by throwing: `try abort(.forbidden)`.
public typealias RoomAuthorizer<Element: Sendable> = @Sendable (inout RoomAuthorization<Element>) async throws -> Void

extension RoomAuthorization {
    /// Who is counted as one: a name, or without one an address, of which no name is taken.
    var member: [UInt8] {
        if let name { Array(name.utf8) } else { [0] + Array(request.remoteNetwork.utf8) }
    }
}
