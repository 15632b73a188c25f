public import CarafeApp
import HTTPTypes

/// Why a room does not do what it was asked.
public enum RoomError: Error, Equatable, Reply {
    case badName(limit: Int)
    case nameInUse(String)
    case nobody(String)
    /// The person was removed while it joined.
    case removed
    /// Nothing is published any more, since the room was finished.
    case ended
    /// A snapshot was written by a later version of Carafe.
    case unknownSnapshot(version: Int)

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
