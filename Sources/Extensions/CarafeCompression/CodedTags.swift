import CarafeApp
import CarafeHTTP
import HTTPTypes

/// Entity tags of compressed forms (RFC 9110 §8.8.3.3): `"v2-gzip"` is that of the gzip of `"v2"`.
///
/// A handler knows its own tags only. So what a request says of the gzip's is said of the plain form's beside it.
enum CodedTags {
    private static let suffix = "-gzip"

    /// The tag of the compressed form. A weak one stays: it says no more than that both mean the same.
    static func coded(_ tag: String) -> String {
        guard let tag = EntityTag(tag), !tag.isWeak else { return tag }
        return tag.appending(suffix).description
    }

    /// The request as its handler gets it, with the plain form's tag beside each that is a compressed form's.
    static func addingPlain(to request: Request) -> Request {
        guard request.headers.containsName(startingWith: "if-") else { return request }
        var request = request
        let isRead = request.isRead
        // A date is that of both forms, and does not tell which of them the client has a part of (RFC 9110 §8.8.1,
        // §13.1.5).
        if let condition = request.headers[.ifRange], EntityTag(condition) == nil,
            request.acceptEncoding.prefers("gzip")
        {
            request.headers.remove(.range)
        }
        // A range is cut from the plain form: what is said of the other must not let it pass.
        if !isRead || !request.headers.contains(.range) { addPlain(to: .ifMatch, of: &request) }
        // What a client has is no use to one that does not take it any more.
        if !isRead || request.acceptEncoding.prefers("gzip") { addPlain(to: .ifNoneMatch, of: &request) }
        return request
    }

    private static func addPlain(to name: HTTPField.Name, of request: inout Request) {
        guard let field = request.headers[name], case .tags(let tags) = EntityTagList(field) else { return }
        let plain = tags.compactMap { $0.removing(suffix)?.description }
        guard !plain.isEmpty else { return }
        request.headers.replace(name, with: ([field] + plain).joined(separator: ", "))
    }

    /// Gives a 304 the tag that the 200 would have (RFC 9110 §15.4.5), by which the client knows what it has: else it
    /// could not use it (RFC 9111 §4.3.4).
    ///
    /// - Parameter isCoded: Whether the 200 would be compressed, if nothing else tells.
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
    /// Whether the answer is a representation of the target, and its tag that representation's (RFC 9110 §8.8).
    var isRead: Bool { method == .get || method == .head }
}
