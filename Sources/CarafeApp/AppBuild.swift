public import CarafeHTTP
import CarafeRouting
import HTTPTypes

extension App {
    /// Freezes the app into one immutable handler; throws the first `RouteError` of what was registered.
    public func makeHandler() throws -> Handler {
        try build(at: "").handler
    }

    /// Runs `serve` inside the `around` of every extension, those of mounted apps included.
    public func aroundServing(_ serve: @escaping @Sendable () async throws -> Void) async throws {
        var body = serve
        for plugin in allExtensions.reversed() {
            body = { [body] in try await plugin.around(body) }
        }
        try await body()
    }

    private var allExtensions: [any Extension] {
        extensions + mounts.flatMap(\.app.allExtensions)
    }

    private func build(at mountPoint: String) throws -> (handler: Handler, routes: Set<String>) {
        try scope.mountPoint.settle(at: mountPoint)
        let context = AppContext(extensions: installed, json: json, debug: debug)
        let errors = ErrorHandlers(handlers: scope.errorHandlers)
        var entries: [RouteTable<Endpoint>.Entry] = []
        try scope.addEntries(to: &entries, below: nil, at: mountPoint, errors: errors, isApp: true)
        let own = Set(entries.map { "\($0.method) \($0.pattern)" })
        var all = own
        for mount in mounts {
            all.formUnion(try addMount(mount, to: &entries, own: own, at: mountPoint))
        }
        let table = try RouteTable(entries)
        let dispatch = Dispatch(table: table, bodyLimit: bodyLimit).handler
        let answered = scope.wrap({ [dispatch] in await errors.response(to: $0, of: dispatch) }, errors: errors)
        let handler: Handler = { request in
            var request = request
            request.context = context
            return await errors.response(to: request, of: answered)
        }
        return (handler, all)
    }

    /// A mounted app gets every request below its prefix that no route of this app takes.
    private func addMount(
        _ mount: Mount, to entries: inout [RouteTable<Endpoint>.Entry], own: Set<String>, at mountPoint: String
    ) throws -> Set<String> {
        let pattern = try PathPattern(mount.prefix)
        guard pattern.parameters.isEmpty, pattern.segments.last != .literal("") else {
            throw RouteError(route: "mount \(mount.prefix)", problem: "expected a path without parameters or final slash")
        }
        let prefix = pattern.path([])
        let (handler, routes) = try mount.app.build(at: mountPoint + prefix)
        let inside = Set(routes.map { route in
            let parts = route.split(separator: " ", maxSplits: 1)
            return "\(parts[0]) \(mount.prefix)\(parts[1])"
        })
        if let hidden = inside.intersection(own).min() {
            throw RouteError(route: hidden, problem: "unreachable in the app mounted at \(mount.prefix): the app around it has the same route")
        }
        let inner: Handler = { request in
            var request = request
            request.mountPoint += prefix
            request.target.path.removeFirst(prefix.count)
            return try await handler(request)
        }
        for rest in ["/", "/<path:rest>"] {
            entries.append(.init(
                method: "*", pattern: try PathPattern(mount.prefix + rest), accepts: [{ _ in true }],
                value: Endpoint(handler: inner, bodyLimit: .max)
            ))
        }
        return inside
    }
}

/// What a route leads to.
struct Endpoint: Sendable {
    var handler: Handler
    /// Nil stands for the app's limit.
    var bodyLimit: Int?
}

extension Scope {
    /// The table entries of all routes here and in the blueprints below, with their hooks around them.
    fileprivate func addEntries(
        to entries: inout [RouteTable<Endpoint>.Entry], below prefix: PathPattern?, at mountPoint: String,
        errors: ErrorHandlers, isApp: Bool
    ) throws {
        if let problem = problems.first { throw problem }
        for route in routes {
            // The app's own hooks stand around the whole dispatch, so that they see a 404 too.
            let handler = isApp ? route.handler : wrap(route.handler, errors: errors)
            for method in route.methods {
                entries.append(.init(
                    method: method, pattern: route.pattern.prefixed(by: prefix), accepts: route.accepts,
                    value: Endpoint(handler: handler, bodyLimit: route.bodyLimit)
                ))
            }
        }
        for blueprint in blueprints {
            let below = try PathPattern(blueprint.prefix).prefixed(by: prefix)
            guard below.parameters.isEmpty else {
                throw RouteError(route: "blueprint \(blueprint.prefix)", problem: "expected a prefix without parameters")
            }
            try blueprint.scope.mountPoint.settle(at: mountPoint + below.path([]))
            var nearer = errors
            nearer.handlers = blueprint.scope.errorHandlers + errors.handlers
            var inner: [RouteTable<Endpoint>.Entry] = []
            try blueprint.scope.addEntries(to: &inner, below: below, at: mountPoint, errors: nearer, isApp: false)
            if !isApp {
                for index in inner.indices { inner[index].value.handler = wrap(inner[index].value.handler, errors: errors) }
            }
            entries += inner
        }
    }
}
