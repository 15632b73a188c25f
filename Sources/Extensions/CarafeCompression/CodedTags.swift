import CarafeApp
import CarafeHTTP
import HTTPTypes

/// The entity tags of compressed representations (RFC 9110 §8.8.3.3): `"v2-gzip"` is the tag of the gzip of `"v2"`.
///
/// A handler knows its own tags only. So the plain tag is added beside each compressed one in a request.
enum CodedTags {
    private static let suffix = "-gzip"

    /// Returns the tag of the compressed representation. A weak tag stays, because it only claims equivalence.
    static func coded(_ tag: String) -> String {
        guard let tag = EntityTag(tag), !tag.isWeak else { return tag }
        return tag.appending(suffix).description
    }

    /// Returns the request for the handler, with the plain tag beside each compressed one.
    static func addingPlain(to request: Request) -> Request {
        guard request.headers.containsName(startingWith: "if-") else { return request }
        var request = request
        let isRead = request.isRead
        // A date is the same for both representations, and does not show of which one the client has a part (RFC 9110
        // §8.8.1, §13.1.5).
        if let condition = request.headers[.ifRange], EntityTag(condition) == nil,
            request.acceptEncoding.prefers("gzip")
        {
            request.headers.remove(.range)
        }
        // A range is cut from the plain representation: a tag of the compressed one must not let it pass.
        if !isRead || !request.headers.contains(.range) { addPlain(to: .ifMatch, of: &request) }
        // A client that no longer accepts gzip cannot use the compressed representation that it has.
        if !isRead || request.acceptEncoding.prefers("gzip") { addPlain(to: .ifNoneMatch, of: &request) }
        return request
    }

    private static func addPlain(to name: HTTPField.Name, of request: inout Request) {
        guard let field = request.headers[name], case .tags(let tags) = EntityTagList(field) else { return }
        let plain = tags.compactMap { $0.removing(suffix)?.description }
        guard !plain.isEmpty else { return }
        request.headers.replace(name, with: ([field] + plain).joined(separator: ", "))
    }

    /// Sets the tag of a 304 to that of the 200 (RFC 9110 §15.4.5), by which the client identifies its copy and could
    /// otherwise not use it (RFC 9111 §4.3.4).
    ///
    /// - Parameter isCoded: Whether the 200 would be compressed, if nothing else decides.
    static func restore(in response: inout Response, for request: Request, isCoded: Bool) {
        guard let plain = response.headers[.eTag].flatMap({ EntityTag($0) }),
            let coded = EntityTag(coded(plain.description))
        else { return }
        var named: [EntityTag] = []
        if let field = request.headers[.ifNoneMatch], case .tags(let tags) = EntityTagList(field) { named = tags }
        let isNamed = { (tag: EntityTag) in named.contains { $0.matches(tag, weakly: true) } }
        if isNamed(coded) || isCoded && !isNamed(plain) { response.headers[.eTag] = coded.description }
    }
}

extension Request {
    /// Whether the response is a representation of the target, and its tag that of the representation (RFC 9110 §8.8).
    var isRead: Bool { method == .get || method == .head }
}
