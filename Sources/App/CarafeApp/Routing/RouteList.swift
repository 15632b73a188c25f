import CarafeRouting

/// The routes of a whole app, for people: `print(try app.routes)`.
public struct RouteList: Sendable, Equatable, CustomStringConvertible {
    /// A route, seen from the whole app.
    public struct Entry: Sendable, Hashable {
        /// The paths that it matches, parsed.
        let path: PathPattern
        /// The requests that it takes.
        let key: RouteKey

        /// The paths that it matches, prefixes included, as in `/admin/users/<int:id>`.
        public var pattern: String { path.description }

        /// The request method, or `*` for all of them; HEAD comes with GET.
        public var method: String {
            switch key {
            case .method(let name): name
            case .upgrade: "GET"
            case .any: "*"
            }
        }

        /// The protocol that it leads to, such as `websocket`; nil for HTTP.
        public var protocolName: String? { if case .upgrade(let name) = key { name } else { nil } }
    }

    /// The routes in the order of registration: at each level the app's own, then those of its blueprints, then those
    /// of mounted apps.
    public let entries: [Entry]

    /// A line for each route: the method, the pattern, and the protocol if it is not HTTP.
    public var description: String {
        guard !entries.isEmpty else { return "no routes" }
        let width = entries.map(\.method.count).max() ?? 0
        return entries.map { entry in
            let padding = String(repeating: " ", count: width - entry.method.count)
            return "\(entry.method)\(padding)  \(entry.pattern)" + (entry.protocolName.map { "  (\($0))" } ?? "")
        }.joined(separator: "\n")
    }
}

extension App {
    /// The routes of this app, including those of blueprints and mounted apps with their prefixes.
    ///
    /// - Throws: The first error of a route, as building the app does.
    public var routes: RouteList {
        get throws { RouteList(entries: try listedRoutes(below: nil)) }
    }

    func listedRoutes(below prefix: PathPattern?) throws -> [RouteList.Entry] {
        try scope.listedRoutes(below: prefix)
            + mounts.flatMap { try $0.app.listedRoutes(below: try $0.pattern.prefixed(by: prefix)) }
    }
}

extension Scope {
    func listedRoutes(below prefix: PathPattern?) throws -> [RouteList.Entry] {
        if let problem = problems.first { throw problem }
        let own = routes.flatMap { route in
            route.keys.map { RouteList.Entry(path: route.pattern.prefixed(by: prefix), key: $0) }
        }
        return try own
            + blueprints.flatMap { try $0.scope.listedRoutes(below: PathPattern($0.prefix).prefixed(by: prefix)) }
    }
}
