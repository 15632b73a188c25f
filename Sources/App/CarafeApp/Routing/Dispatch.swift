import CarafeHTTP
import CarafeRouting
import HTTPTypes

/// The way from a request to the handler of its route.
struct Dispatch: Sendable {
    let table: RouteTable<Endpoint>
    let bodyLimit: Int
    let acceptsPartialPuts: Bool

    func handler(_ request: Request) async throws -> Response {
        let found = try find(request)
        return try await found.handler(prepare(request, for: found))
    }

    private struct Found {
        let handler: Handler
        var arguments: [String] = []
        var bodyLimit = Int.max
    }

    /// The largest body of a request in bytes, according to its route.
    func bodyLimit(_ request: Request) -> Int {
        guard case .found(let endpoint, _) = table.match(request) else { return bodyLimit }
        return endpoint.limitInside?(request) ?? endpoint.bodyLimit ?? bodyLimit
    }

    // Neither is inlined: "Frames of waiting tasks" in CarafeRuntime.
    @inline(never)
    private func prepare(_ request: Request, for found: Found) -> Request {
        var request = request
        request.arguments = found.arguments
        request.body.limit = found.bodyLimit
        return request
    }

    @inline(never)
    private func find(_ request: Request) throws -> Found {
        switch table.match(request) {
        case .found(let endpoint, let arguments):
            // A mounted app checks this itself.
            if request.method == .put, endpoint.limitInside == nil { try checkWhole(request) }
            return Found(
                handler: endpoint.handler, arguments: arguments, bodyLimit: endpoint.bodyLimit ?? bodyLimit)
        case .methodNotAllowed(let allowed):
            // RFC 9113 §8.2.2, §8.6: HTTP/2 has no Upgrade, which a 426 must carry; there the method is CONNECT (RFC
            // 8441).
            let hasUpgrade = !request.connection.isMultiplexed
            // RFC 9110 §9.3.2: HEAD is answered as GET.
            if hasUpgrade, [.get, .head].contains(request.method), let upgrades = Self.upgrades(among: allowed) {
                throw HTTPError(.upgradeRequired, headers: [.upgrade: upgrades])
            }
            let allow: HTTPFields = [.allow: Self.allow(allowed, upgradeBy: hasUpgrade ? "GET" : "CONNECT")]
            // RFC 9110 §9.3.7: the methods of the resource.
            if request.method == .options { return Found(handler: { _ in Response(.noContent, headers: allow) }) }
            // RFC 9110 §15.5.6: a 405 must list the allowed methods.
            throw HTTPError(.methodNotAllowed, headers: allow)
        case .redirect(let path):
            var target = request.target
            target.path = request.mountPoint + path
            let response = try redirect("\(target)", .permanentRedirect).response(to: request)
            return Found(handler: { _ in response })
        case .notFound: throw HTTPError(.notFound)
        }
    }

    /// The protocols that the path leads to, for the field `Upgrade`.
    private static func upgrades(among keys: Set<RouteKey>) -> String? {
        let names = keys.compactMap { if case .upgrade(let name) = $0 { name } else { nil } }
        return names.isEmpty ? nil : names.sorted().joined(separator: ", ")
    }

    /// Refuses a PUT of a part, which would replace the whole.
    ///
    /// RFC 9110 §14.5: "An origin server SHOULD respond with a 400 (Bad Request) status code if it receives
    /// Content-Range on a PUT for a target resource that does not support partial PUT requests."
    private func checkWhole(_ request: Request) throws {
        guard !acceptsPartialPuts, request.headers.contains(.contentRange) else { return }
        throw HTTPError(.badRequest, "Expected the whole in a PUT, found a part of it (Content-Range).")
    }

    private static func allow(_ keys: Set<RouteKey>, upgradeBy upgradeMethod: String) -> String {
        var methods: Set<String> = ["OPTIONS"]
        for key in keys {
            switch key {
            case .method(let method): methods.insert(method)
            case .upgrade: methods.insert(upgradeMethod)
            case .any: break
            }
        }
        // HEAD comes with a GET, but not with one that only leads to another protocol.
        if keys.contains(.method("GET")) { methods.insert("HEAD") }
        return methods.sorted().joined(separator: ", ")
    }
}

extension RouteTable {
    /// Finds the route of a request. If it asks for another protocol, a route to that protocol comes first.
    func match(_ request: Request) -> RouteMatch<Value> {
        let path = request.target.path
        // RFC 9110 §7.8: a server may choose any of the protocols, or ignore them all.
        if let upgrade = request.upgrade, request.method == .get {
            for name in TokenList(upgrade) {
                let match = match(.upgrade(name), path: path)
                if case .found = match { return match }
            }
        }
        return match(.method(request.method.rawValue), path: path)
    }
}
