public import CarafeHTTP
import CarafeRouting
import HTTPTypes

extension App {
    /// Freezes the app into one immutable handler.
    ///
    /// - Returns: A handler that answers every request, and never throws.
    /// - Throws: The first error of the set-up, mostly a `RouteError`.
    public func makeHandler() throws -> Handler {
        try build(at: "").handler
    }

    /// Runs `serve` inside the `around(_:)` of every extension, including those of mounted apps.
    ///
    /// - Parameter serve: Serves the app until it is told to stop.
    /// - Throws: The errors of `serve` and of the extensions.
    public func aroundServing(_ serve: @escaping @Sendable () async throws -> Void) async throws {
        var body = serve
        for plugin in allExtensions.reversed() {
            body = { [body] in try await plugin.around(Serve(body)) }
        }
        try await body()
    }

    /// The extensions of this app and of all mounted apps.
    package var allExtensions: [any Extension] {
        extensions + mounts.flatMap(\.app.allExtensions)
    }

    /// A built app: its handler, and the body limit of a request's route.
    private struct Built {
        let handler: Handler
        let bodyLimit: @Sendable (Request) -> Int
    }

    private func build(at mountPoint: String) throws -> Built {
        for plugin in extensions { try plugin.check(self) }
        try scope.mountPoint.fix(at: mountPoint)
        let errors = ErrorHandlers(handlers: scope.errorHandlers)
        var entries: [RouteTable<Endpoint>.Entry] = []
        try scope.addEntries(to: &entries, below: nil, at: mountPoint, errors: errors, isApp: true)
        let own = try scope.listedRoutes(below: nil) + mounts.flatMap { try $0.routes }
        for mount in mounts {
            try addMount(mount, to: &entries, beside: own, at: mountPoint)
        }
        let table = try RouteTable(entries)
        let context = AppContext(
            values: values, json: json, debug: debug, templateFunctions: templateFunctions,
            templatePreparations: templatePreparations, templateChecks: templateChecks,
            routePattern: try Self.routePattern(debug || keepsRoutePatterns ? entries : []))
        let routing = Dispatch(table: table, bodyLimit: bodyLimit, acceptsPartialPuts: acceptsPartialPuts)
        let dispatch = routing.handler
        // Hooks come before the route is found: where they may read a body, it is looked for twice.
        let hasLimits = entries.contains { $0.value.bodyLimit != nil && !$0.key.isUpgrade }
        let peeked = scope.hasHooks && hasLimits ? routing : nil
        let answered = scope.hasHooks ? scope.wrap(dispatch, errors: errors) : dispatch
        let whole: Handler = { request in
            var response = await errors.response(to: request, of: answered)
            Self.finish(&response, request)
            return response
        }
        let handler: Handler = { [requestTransforms, bodyLimit] request in
            try await whole(Self.prepare(request, context, requestTransforms, bodyLimit, peeked))
        }
        return Built(handler: handler, bodyLimit: routing.bodyLimit)
    }

    // Neither this nor `finish` is inlined: "Frames of waiting tasks" in CarafeRuntime.
    @inline(never)
    private static func prepare(
        _ request: Request, _ context: AppContext, _ changes: [@Sendable (inout Request) -> Void], _ bodyLimit: Int,
        _ routing: Dispatch?
    ) -> Request {
        var request = request
        request.context = context
        for change in changes { change(&request) }
        // The limit for the hooks; most requests have no body.
        request.body.limit = request.body.declaredLength == 0 ? bodyLimit : routing?.bodyLimit(request) ?? bodyLimit
        return request
    }

    @inline(never)
    private static func finish(_ response: inout Response, _ request: Request) {
        if request.isSecure { response.secureCookies() }
        if let forwarding = request.forwarding { response.forwarding = forwarding }
        response.noteMetadata(of: request)
    }

    /// Returns a function that finds a request's route in a table of its own, so that the main table does not have to
    /// keep the patterns.
    private static func routePattern(
        _ entries: [RouteTable<Endpoint>.Entry]
    ) throws -> @Sendable (Request) -> String? {
        let table = try RouteTable(
            entries.map { .init(key: $0.key, pattern: $0.pattern, accepts: $0.accepts, value: $0.pattern) })
        return { request in
            if case .found(let pattern, _) = table.match(request) { pattern.description } else { nil }
        }
    }

    /// Adds the routes that lead into a mounted app: it gets every request below its prefix that no route of this app
    /// matches.
    private func addMount(
        _ mount: Mount, to entries: inout [RouteTable<Endpoint>.Entry], beside others: [RouteList.Entry],
        at mountPoint: String
    ) throws {
        let pattern = try mount.pattern
        try mount.app.scope.checkCompleteness("app mounted at \(mount.prefix)", by: "mount")
        let prefix = pattern.path([])
        let built = try mount.app.build(at: mountPoint + prefix)
        try mount.checkReachable(mount.app.listedRoutes(below: pattern), beside: others)
        let enter: @Sendable (Request) -> Request = { request in
            var request = request
            request.mountPoint += prefix
            request.target.path = Self.path(request.target.path, below: pattern.segments.count)
            return request
        }
        let inner: Handler = { request in try await built.handler(enter(request)) }
        for route in try mount.routes {
            entries.append(
                .init(
                    key: route.key, pattern: route.path, accepts: [{ _ in true }],
                    value: Endpoint(
                        handler: inner, bodyLimit: .max, limitInside: { built.bodyLimit(enter($0)) })
                ))
        }
    }

    /// Returns the path without its first segments. They are counted, because a client may percent-encode more or fewer
    /// characters than necessary.
    private static func path(_ path: String, below segments: Int) -> String {
        let slashes = path.utf8.indices.lazy.filter { path.utf8[$0] == UInt8(ascii: "/") }
        return slashes.dropFirst(segments).first.map { String(path[$0...]) } ?? "/"
    }
}

extension App.Mount {
    var pattern: PathPattern {
        get throws {
            let pattern = try PathPattern(prefix)
            guard pattern.parameters.isEmpty, pattern.segments.last != .literal("") else {
                throw RouteError(route: "mount \(prefix)", problem: "expected a path without parameters or final slash")
            }
            return pattern
        }
    }

    /// The patterns that lead into the mounted app.
    fileprivate var routes: [RouteList.Entry] {
        get throws {
            let pattern = try pattern
            return try ["/", "/<path:rest>"].map {
                RouteList.Entry(path: try PathPattern($0).prefixed(by: pattern), key: .any)
            }
        }
    }

    /// Throws if a route or another mounted app of this app takes all requests of a route inside the mounted app.
    fileprivate func checkReachable(_ inside: [RouteList.Entry], beside others: [RouteList.Entry]) throws {
        let above = try pattern.segments
        let own = try routes
        let nearer = others.filter { $0.path.segments.starts(with: above) && !own.contains($0) }
        for route in inside {
            let hiding = nearer.first {
                [route.key, .any].contains($0.key) && $0.path.covers(route.path)
            }
            guard let hiding else { continue }
            throw RouteError(
                route: "\(route.key) \(route.pattern)",
                problem:
                    "unreachable in the app mounted at \(prefix): \(hiding.key) \(hiding.pattern) takes its requests"
            )
        }
    }
}

/// The target of a route.
struct Endpoint: Sendable {
    var handler: Handler
    /// The route's own body limit, or nil for the app's. A mounted app applies its own.
    var bodyLimit: Int?
    /// The limit of the route inside a mounted app.
    var limitInside: (@Sendable (Request) -> Int)?
}

extension Scope {
    /// Appends the table entries of all routes here and in the blueprints below, wrapped in their hooks.
    fileprivate func addEntries(
        to entries: inout [RouteTable<Endpoint>.Entry], below prefix: PathPattern?, at mountPoint: String,
        errors: ErrorHandlers, isApp: Bool
    ) throws {
        if let problem = problems.first { throw problem }
        for route in routes {
            // The app's own hooks surround the whole dispatch, so that they see a 404 as well.
            let handler = isApp ? route.handler : wrap(route.handler, errors: errors)
            for key in route.keys {
                entries.append(
                    .init(
                        key: key, pattern: route.pattern.prefixed(by: prefix), accepts: route.accepts,
                        value: Endpoint(handler: handler, bodyLimit: route.bodyLimit)
                    ))
            }
        }
        for blueprint in blueprints {
            try blueprint.scope.checkCompleteness("blueprint \(blueprint.prefix)", by: "register")
            let below = try PathPattern(blueprint.prefix).prefixed(by: prefix)
            guard below.parameters.isEmpty else {
                throw RouteError(
                    route: "blueprint \(blueprint.prefix)", problem: "expected a prefix without parameters")
            }
            try blueprint.scope.mountPoint.fix(at: mountPoint + below.prefixPath)
            var nearer = errors
            nearer.handlers = blueprint.scope.errorHandlers + errors.handlers
            var inner: [RouteTable<Endpoint>.Entry] = []
            try blueprint.scope.addEntries(to: &inner, below: below, at: mountPoint, errors: nearer, isApp: false)
            if !isApp {
                for index in inner.indices {
                    inner[index].value.handler = wrap(inner[index].value.handler, errors: errors)
                }
            }
            entries += inner
        }
    }
}
