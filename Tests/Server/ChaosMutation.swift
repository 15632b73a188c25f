import Carafe

/// A fault in the server that Tests/Chaos must find; `Tests/Chaos/harness/mutations.py` explains them.
enum ChaosMutation: String, CaseIterable {
    case droppedHint = "dropped-hint"
    case doubledDelivery = "doubled-delivery"
    case keptEpoch = "kept-epoch"
    case silentLoss = "silent-loss"
    case forgottenKey = "forgotten-key"
    case earlyAcknowledgement = "early-acknowledgement"
    case forgottenDeparture = "forgotten-departure"
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

    /// Handles a request, unless that is one of those without a response.
    func handle(_ request: Request, _ next: Handler) async throws -> Response {
        if self == .swallowedRequest, request.method == .post, Int.random(in: 0..<20) == 0 {
            try await Task.sleep(for: .seconds(3600))
        }
        return try await next(request)
    }
}
