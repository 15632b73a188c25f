/// The routes of an app as a tree of path segments. Matching costs the same for ten routes and for ten thousand.
///
/// At each segment a literal wins over a parameter, a converter that checks its text (`int`, `float`, `uuid`, your own)
/// over `string`, and `string` over `path`, whatever the order of registration.
@usableFromInline
package struct RouteTable<Value: Sendable>: Sendable {
    /// A route to put into a table.
    package struct Entry: Sendable {
        /// The requests that it takes.
        package var key: RouteKey
        /// The paths that it takes.
        package var pattern: PathPattern
        /// For each parameter of the pattern, whether a decoded segment converts.
        package var accepts: [@Sendable (String) -> Bool]
        /// The value to find.
        package var value: Value

        /// Creates an entry.
        package init(
            key: RouteKey, pattern: PathPattern, accepts: [@Sendable (String) -> Bool] = [], value: Value
        ) {
            self.key = key
            self.pattern = pattern
            self.accepts = accepts
            self.value = value
        }
    }

    @usableFromInline
    struct Node: Sendable {
        @usableFromInline var literals: [String: Int] = [:]
        @usableFromInline var parameters: [Parameter] = []
        @usableFromInline var rest: Int?
        @usableFromInline var endpoints: [(key: RouteKey, route: String, value: Value)] = []
    }

    @usableFromInline
    struct Parameter: Sendable {
        var converter: String
        @usableFromInline var accepts: @Sendable (String) -> Bool
        @usableFromInline var node: Int

        /// The order of attempts, lower first: converters that check their text, by name, then `string`.
        var rank: (Int, String) { (converter == "string" ? 1 : 0, converter == "int" ? "" : converter) }
    }

    @usableFromInline var nodes = [Node()]

    /// Builds the tree.
    ///
    /// - Throws: `RouteError` for two routes that no request could tell apart; it names both.
    package init(_ entries: [Entry]) throws(RouteError) {
        for entry in entries { try insert(entry) }
    }

    private mutating func insert(_ entry: Entry) throws(RouteError) {
        var node = 0
        var accepts = entry.accepts[...]
        for segment in entry.pattern.segments {
            switch segment {
            case .literal(let text): node = literal(text, of: node)
            case .parameter(_, "path"):
                _ = accepts.popFirst()
                node = rest(of: node)
            case .parameter(_, let converter):
                node = parameter(converter, accepts.popFirst() ?? { _ in true }, of: node)
            }
        }
        let route = "\(entry.key) \(entry.pattern)"
        if let other = nodes[node].endpoints.first(where: { $0.key == entry.key }) {
            throw RouteError(route: route, problem: "unreachable: \(other.route) takes the same requests")
        }
        nodes[node].endpoints.append((entry.key, route, entry.value))
    }

    private mutating func literal(_ text: String, of node: Int) -> Int {
        if let child = nodes[node].literals[text] { return child }
        let child = newNode()
        nodes[node].literals[text] = child
        return child
    }

    private mutating func parameter(
        _ converter: String, _ accepts: @escaping @Sendable (String) -> Bool, of node: Int
    ) -> Int {
        if let known = nodes[node].parameters.first(where: { $0.converter == converter }) { return known.node }
        let child = newNode()
        nodes[node].parameters.append(Parameter(converter: converter, accepts: accepts, node: child))
        nodes[node].parameters.sort { $0.rank < $1.rank }
        return child
    }

    private mutating func rest(of node: Int) -> Int {
        if let child = nodes[node].rest { return child }
        let child = newNode()
        nodes[node].rest = child
        return child
    }

    private mutating func newNode() -> Int {
        nodes.append(Node())
        return nodes.count - 1
    }
}
