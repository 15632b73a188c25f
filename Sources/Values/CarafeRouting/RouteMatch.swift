/// The result of looking up a request in a route table.
@usableFromInline
package enum RouteMatch<Value: Sendable>: Sendable {
    /// A route, and the percent-decoded text of each of its parameters.
    case found(Value, arguments: [String])

    /// The path has routes, but none for this method (RFC 9110 §15.5.6).
    case methodNotAllowed(allowed: Set<RouteKey>)

    /// Only the path with (or without) a slash at the end has routes.
    case redirect(path: String)

    case notFound
}

extension RouteTable {
    // Inlinable, as the whole search is: specialised in the app's module, it needs no metadata at run time.
    /// Finds the route of a request.
    ///
    /// - Parameters:
    ///   - method: The request method. A HEAD without a route of its own takes that of GET (RFC 9110 §9.3.2).
    ///   - path: The path, percent-encoded and normalised.
    /// - Returns: The route, or the reason why there is none.
    @inlinable
    package func match(_ key: RouteKey, path: String) -> RouteMatch<Value> {
        var search = RouteSearch(table: self, key: key, path: path)
        if let value = search.find() { return .found(value, arguments: search.arguments) }
        if !search.allowed.isEmpty { return .methodNotAllowed(allowed: search.allowed) }
        let other = path.utf8.last == UInt8(ascii: "/") ? (String(path.utf8.dropLast()) ?? "") : path + "/"
        guard !other.isEmpty else { return .notFound }
        var second = RouteSearch(table: self, key: key, path: other)
        return second.find() != nil || !second.allowed.isEmpty ? .redirect(path: other) : .notFound
    }
}

/// One walk down the tree, with its findings so far.
@usableFromInline
struct RouteSearch<Value: Sendable> {
    @usableFromInline let table: RouteTable<Value>
    @usableFromInline let key: RouteKey
    @usableFromInline let path: String
    @usableFromInline var arguments: [String] = []
    @usableFromInline var allowed: Set<RouteKey> = []

    @inlinable
    init(table: RouteTable<Value>, key: RouteKey, path: String) {
        self.table = table
        self.key = key
        self.path = path
    }

    @inlinable
    mutating func find() -> Value? {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        return find(at: 0, from: path.utf8.index(after: path.startIndex))
    }

    /// Searches from the segment that begins at `start`, which is nil after the last segment.
    @inlinable
    mutating func find(at node: Int, from start: String.Index?) -> Value? {
        guard let start else { return endpoint(of: node) }
        let end = path.utf8[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
        guard let segment = PercentEncoding.decode(path[start..<end]) else { return nil }
        let next = end == path.endIndex ? nil : path.utf8.index(after: end)

        if let child = table.nodes[node].literals[segment], let value = find(at: child, from: next) {
            return value
        }
        if !segment.isEmpty {
            for index in table.nodes[node].parameters.indices where table.nodes[node].parameters[index].accepts(segment)
            {
                arguments.append(segment)
                if let value = find(at: table.nodes[node].parameters[index].node, from: next) { return value }
                arguments.removeLast()
            }
        }
        guard let rest = table.nodes[node].rest else { return nil }
        return findRest(at: rest, from: start)
    }

    /// Matches `<path:…>` with as few segments as the rest of the pattern allows, and with all of them if nothing
    /// follows.
    @inlinable
    mutating func findRest(at node: Int, from start: String.Index) -> Value? {
        guard start < path.endIndex else { return nil }
        if !table.nodes[node].literals.isEmpty || !table.nodes[node].parameters.isEmpty {
            var end = start
            while let slash = path.utf8[end...].firstIndex(of: UInt8(ascii: "/")) {
                end = path.utf8.index(after: slash)
                guard slash > start, let argument = PercentEncoding.decode(path[start..<slash]) else { continue }
                arguments.append(argument)
                if let value = find(at: node, from: end) { return value }
                arguments.removeLast()
            }
        }
        guard let argument = PercentEncoding.decode(path[start...]), let value = endpoint(of: node) else { return nil }
        arguments.append(argument)
        return value
    }

    @inlinable
    mutating func endpoint(of node: Int) -> Value? {
        if let exact = value(of: key, at: node) { return exact }
        if key == .method("HEAD"), let get = value(of: .method("GET"), at: node) { return get }
        if let any = value(of: .any, at: node) { return any }
        for endpoint in table.nodes[node].endpoints { allowed.insert(endpoint.key) }
        return nil
    }

    @inlinable
    func value(of key: RouteKey, at node: Int) -> Value? {
        // By index: a copy of the node's list would cost a retain for each part of it.
        for index in table.nodes[node].endpoints.indices where table.nodes[node].endpoints[index].key == key {
            return table.nodes[node].endpoints[index].value
        }
        return nil
    }
}
