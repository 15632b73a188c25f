import Carafe
import CarafeRooms
import HTTPTypes

/// A fault in the server that Tests/Chaos must find; `Tests/Chaos/harness/mutations.py` lists them.
enum ChaosMutation: String, CaseIterable {
    case forgottenKey = "forgotten-key"
    case earlyAcknowledgement = "early-acknowledgement"
    case swallowedRequest = "swallowed-request"

    /// Parses the value of CHAOS_MUTATION; nil without one.
    init?(environment: [String: String]) {
        guard let name = environment["CHAOS_MUTATION"] else { return nil }
        guard let mutation = Self(rawValue: name) else {
            let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
            fatalError("expected \(names) in CHAOS_MUTATION, found \(name)")
        }
        self = mutation
    }

    /// Handles a post as a server with this fault does.
    func handle(_ request: Request, in rooms: ChaosRooms, _ next: Handler) async throws -> Response {
        guard request.method == .post else { return try await next(request) }
        switch self {
        case .forgottenKey:
            var request = request
            request.headers.remove(Self.idempotencyKey)
            return try await next(request)
        case .earlyAcknowledgement where Int.random(in: 0..<20) == 0:
            let room = try rooms.room(String(request.target.path.split(separator: "/").last ?? ""))
            let end = try await room.position
            let position = RoomPosition(offset: end.offset + 1, epoch: end.epoch)
            return Response(.created, text: "{\"id\":\"\(position)\"}")
        case .swallowedRequest where Int.random(in: 0..<20) == 0:
            try await Task.sleep(for: .seconds(3600))
            return Response(.noContent)
        case .earlyAcknowledgement, .swallowedRequest: return try await next(request)
        }
    }

    // Force-unwrap is safe: the literal is a valid field name.
    private static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
}
