public import CarafeApp
import HTTPTypes

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
