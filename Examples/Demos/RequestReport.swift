import Carafe

/// The server's view of a request; a plain GET of the echo socket's address shows it.
struct RequestReport: Encodable {
    let method: String
    let path: String
    let query: [String: [String]]
    let peerAddress: String?
    let headers: [String: [String]]

    init(_ request: Request) {
        method = request.method.rawValue
        path = request.mountPoint + request.path
        query = Dictionary(grouping: request.query.pairs, by: \.name).mapValues { $0.map(\.value) }
        peerAddress = request.remoteAddress
        headers = Dictionary(grouping: request.headers.pairs, by: \.name).mapValues { $0.map(\.value) }
    }
}
