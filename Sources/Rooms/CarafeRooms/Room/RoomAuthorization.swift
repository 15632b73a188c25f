public import CarafeApp
public import FoundationEssentials
import NIOCore

/// A request to join a room or to publish in it, by any transport; the `permit` closure of `app.room` decides on it.
public struct RoomAuthorization<Element: Sendable>: Sendable {
    /// The action that needs permission.
    public enum Action: Sendable, Equatable {
        /// To read by a socket, a stream or a poll.
        case join
        /// To publish a message.
        case publish
    }

    /// The request with its session, cookies and path: a socket's handshake, a stream, a poll or a POST.
    public let request: Request
    /// The room.
    public let room: Room<Element>
    /// The action that needs permission.
    public let action: Action

    /// The message to publish, which may be changed, to sign it for example. Nil for `join`.
    public var element: Element?

    /// The member's name, which several connections may share.
    ///
    /// It is among `room.names` while a socket or stream is open, with presence also after a poll, and gets the
    /// messages that are published to this name.
    public var name: String?

    /// The time at which the permission to join ends, such as that of a token; nil for no end.
    ///
    /// Then a socket is closed with 1008, and a stream or waiting poll ends. The client comes back, and is admitted or
    /// not.
    public var expires: Date?

    /// The names of the only members that get the message; nil for everybody.
    ///
    /// When none of them is in the room, the publisher gets `RoomError.nobody`. The history keeps the message for these
    /// names: let a name belong to one person for as long as the history lasts.
    public var audience: [String]?
}

/// A closure that permits or changes a join or a message, or refuses it by throwing: `try abort(.forbidden)`.
public typealias RoomAuthorizer<Element: Sendable> = @Sendable (inout RoomAuthorization<Element>) async throws -> Void

/// A client that may join.
struct AdmittedReader {
    /// The bytes of the member's name.
    var name: [UInt8]?
    /// The time after which the permission ends.
    var time: TimeAmount?

    init<Element>(_ access: RoomAuthorization<Element>) {
        name = access.name.map { Array($0.utf8) }
        time = access.expires.map { .nanoseconds(Int64(min(max($0.timeIntervalSinceNow, 0), 1e9) * 1e9)) }
    }

    init() {}
}

extension RoomAuthorization {
    /// The member for whom messages are counted: its name, or its address after a zero, with which no name begins.
    var member: [UInt8] {
        if let name { Array(name.utf8) } else { [0] + Array(request.remoteNetwork.utf8) }
    }
}
