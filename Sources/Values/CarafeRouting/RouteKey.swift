/// The requests that a route takes at its path.
@usableFromInline
package enum RouteKey: Hashable, Sendable, CustomStringConvertible {
    /// Requests with a method.
    case method(String)
    /// GET requests that ask to change to another protocol (RFC 9110 §7.8).
    case upgrade(String)
    /// All of them.
    case any

    /// The method, or `*` for all; a protocol after its method.
    @usableFromInline
    package var description: String {
        switch self {
        case .method(let name): name
        case .upgrade(let protocolName): "GET \(protocolName)"
        case .any: "*"
        }
    }

    // Inlinable, as the search for a route is.
    /// Returns whether two keys are equal.
    @inlinable
    package static func == (left: RouteKey, right: RouteKey) -> Bool {
        switch (left, right) {
        case (.method(let left), .method(let right)), (.upgrade(let left), .upgrade(let right)): left == right
        case (.any, .any): true
        default: false
        }
    }
}
