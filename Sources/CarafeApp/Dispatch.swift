import CarafeHTTP
import CarafeRouting
import HTTPTypes

/// From a request to the handler of its route.
struct Dispatch: Sendable {
    let table: RouteTable<Endpoint>
    let bodyLimit: Int

    func handler(_ request: Request) async throws -> Response {
        switch table.match(request) {
        case .found(let endpoint, let arguments):
            var request = request
            request.arguments = arguments
            request.body.limit = endpoint.bodyLimit ?? bodyLimit
            try request.body.checkDeclaredLength()
            return try await endpoint.handler(request)
        case .methodNotAllowed(let allowed):
            if request.method == .get, let upgrades = Self.upgrades(in: allowed) {
                throw HTTPError(.upgradeRequired, headers: [.upgrade: upgrades])
            }
            let allow: HTTPFields = [.allow: Self.allow(allowed)]
            // RFC 9110 §9.3.7: what can be done here.
            if request.method == .options { return Response(.noContent, headers: allow) }
            // RFC 9110 §15.5.6: a 405 must say what is allowed.
            throw HTTPError(.methodNotAllowed, headers: allow)
        case .redirect(let path):
            var target = request.target
            target.path = request.mountPoint + path
            return try redirect("\(target)", .permanentRedirect).response(to: request)
        case .notFound: throw HTTPError(.notFound)
        }
    }

    /// What stands for the method of a GET that asks for another protocol.
    static func method(upgradingTo protocolName: String) -> String { "GET " + protocolName }

    private static func upgrades(in methods: [String]) -> String? {
        let names = methods.filter { $0.hasPrefix("GET ") }.map { $0.dropFirst(4) }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    private static func allow(_ methods: [String]) -> String {
        // HEAD comes with a GET, but not with one that only leads to another protocol.
        var all = Set(methods)
        if all.contains("GET") { all.insert("HEAD") }
        all = Set(all.map { $0.hasPrefix("GET ") ? "GET" : $0 })
        all.insert("OPTIONS")
        return all.sorted().joined(separator: ", ")
    }
}

extension RouteTable {
    /// What is there for a request; one that asks for another protocol gets the route to that, if there is one.
    func match(_ request: Request) -> RouteMatch<Value> {
        let path = request.target.path
        if let upgrade = request.upgrade {
            let match = match(method: Dispatch.method(upgradingTo: upgrade), path: path)
            if case .found = match { return match }
        }
        return match(method: request.method.rawValue, path: path)
    }
}
