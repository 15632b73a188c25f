public import CarafeApp
import HTTPTypes

/// A reason for which a room refuses a name or a message.
public enum RoomError: Error, Equatable, Reply {
    /// A name is empty, too long, or not visible text.
    case badName(limit: Int)
    /// A name has a connection already.
    case nameInUse(String)
    /// None of the names of a message's audience is in the room.
    case nobody(String)
    /// The member was removed while it joined.
    case removed
    /// The engine that has the room cannot be reached. A post may have been published or not: the same
    /// `Idempotency-Key` publishes it once.
    case unavailable
    /// There are as many rooms in memory as there can be.
    case tooManyRooms(limit: Int)
    /// The name of a room is empty, too long, or not visible text.
    case badRoomName(limit: Int)

    /// Responds with the error's status, and its description as text.
    public func response(to request: Request) -> Response {
        let headers: HTTPFields = self == .unavailable ? [.retryAfter: "\(Self.retryTime)"] : [:]
        return HTTPError(status, "\(self)", headers: headers).response(to: request)
    }

    /// The time after which a client tries again, in seconds.
    private static let retryTime = 2

    private var status: HTTPResponse.Status {
        switch self {
        case .badName: .badRequest
        case .nameInUse: .conflict
        case .nobody: .notFound
        case .removed: .forbidden
        case .unavailable, .tooManyRooms: .serviceUnavailable
        case .badRoomName: .badRequest
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
        case .unavailable: "The room cannot be reached; try again."
        case .tooManyRooms: "There are too many rooms; try again later."
        case .badRoomName(let limit): "Expected the name of a room of 1 to \(limit) bytes."
        }
    }
}
