public import CarafeApp
import HTTPTypes

/// A reason for which a room refuses a name, a message or a snapshot.
public enum RoomError: Error, Equatable, Reply {
    /// A name is empty, too long, or not visible text.
    case badName(limit: Int)
    /// A name has a connection already.
    case nameInUse(String)
    /// None of the names of a message's audience is in the room.
    case nobody(String)
    /// The member was removed while it joined.
    case removed
    /// The room has ended, and accepts no messages.
    case ended
    /// A snapshot was written by a later version of Carafe.
    case unknownSnapshot(version: Int)

    /// Responds with the error's status, and its description as text.
    public func response(to request: Request) -> Response {
        HTTPError(status, "\(self)").response(to: request)
    }

    private var status: HTTPResponse.Status {
        switch self {
        case .badName: .badRequest
        case .nameInUse: .conflict
        case .nobody: .notFound
        case .removed: .forbidden
        case .ended: .serviceUnavailable
        case .unknownSnapshot: .internalServerError
        }
    }
}

extension RoomError: CustomStringConvertible {
    /// A sentence for the client.
    public var description: String {
        switch self {
        case .badName(let limit): "Expected a name of 1 to \(limit) characters."
        case .nameInUse(let name): "The name \(name) is in use."
        case .nobody(let name): "\(name) is not here."
        case .removed: "You were removed from the room."
        case .ended: "The room has ended."
        case .unknownSnapshot(let version):
            "Expected a snapshot of version 1 to \(RoomSnapshot.version), found \(version): a newer Carafe wrote it."
        }
    }
}
