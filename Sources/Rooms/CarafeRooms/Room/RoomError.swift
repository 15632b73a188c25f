public import CarafeApp
import HTTPTypes

/// An error of a room, which is also the response to a client.
public enum RoomError: Error, Equatable, Reply {
    /// A text cannot be a member's name.
    case badName(limit: Int)
    /// The name has a connection.
    case nameInUse(String)
    /// None of the members that a message is for is present; the first of them.
    case nobody(String)
    /// The member was removed while it joined.
    case removed
    /// The room was finished, and takes no more messages.
    case ended
    /// A snapshot was written by a later version of Carafe.
    case unknownSnapshot(version: Int)

    /// Responds with the status of the error and its description.
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
    /// The error as a sentence for the client.
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
