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
        let isRead = request.method == .get || request.method == .head
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

    /// Gives a 304 the tag by which the client knows what it has: else it could not use it (RFC 9111 §4.3.4).
    static func restore(in response: inout Response, for request: Request) {
        guard let tag = response.headers[.eTag].map(coded), let field = request.headers[.ifNoneMatch],
            case .tags(let tags) = EntityTagList(field), tags.contains(where: { $0.description.hasBytes(of: tag) })
        else { return }
        response.headers[.eTag] = tag
    }
}
