public import CarafeApp
public import HTTPTypes
import NIOCore

/// Lets pages of other sites read the responses of this one (cross-origin resource sharing, Fetch, "CORS protocol").
///
/// ```swift
/// try app.install(CORS(origins: ["https://app.example"], allowsCredentials: true))
/// ```
///
/// Preflights are answered here, for every path. CORS does not protect against requests: those without a preflight
/// reach their handlers, whatever their origin. The handshake of a WebSocket is left out, because it has its own check
/// of the origin (`WebSocketOptions.origins`).
public struct CORS: Extension {
    /// The origins of pages that may read: scheme, host, and the port if it is not the scheme's. Two spellings of one
    /// origin are equal (RFC 6454 §5); `null` matches only itself.
    public enum Origins: Sendable, ExpressibleByArrayLiteral {
        case any
        case these(Set<String>)
        case matching(@Sendable (String) -> Bool)

        /// Creates a list of origins.
        public init(arrayLiteral origins: String...) {
            self = .these(Set(origins))
        }
    }

    private let origins: Origins
    /// The listed origins, as browsers write them.
    private let listed: Set<String>
    private let methods: String
    private let headers: String
    private let exposed: String
    private let allowsCredentials: Bool
    private let maxAge: String

    /// Creates the extension.
    ///
    /// - Parameters:
    ///   - origins: The pages that may read responses.
    ///   - methods: The methods that scripts may send beside GET, HEAD and POST.
    ///   - headers: The fields that scripts may set.
    ///   - exposedHeaders: The fields that scripts may read.
    ///   - allowsCredentials: Whether requests carry cookies. It excludes `.any`, and lists with `null`, an origin that
    ///     any page can have.
    ///   - maxAge: The time for which a browser remembers the response to a preflight: 10 minutes.
    /// - Throws: `CORSError.origin` for an origin that no browser sends; `CORSError.credentialsForAnyPage` for
    ///   credentials with `.any` or `null`; `CORSError.wildcardWithCredentials` for credentials with `*` among the
    ///   methods or fields, where it stands for all of them in requests without credentials only.
    public init(
        origins: Origins, methods: [HTTPRequest.Method] = [.put, .patch, .delete],
        headers: [HTTPField.Name] = [.contentType, .authorization], exposedHeaders: [HTTPField.Name] = [],
        allowsCredentials: Bool = false, maxAge: Duration = .minutes(10)
    ) throws {
        if allowsCredentials, case .any = origins { throw CORSError.credentialsForAnyPage }
        listed = if case .these(let these) = origins { Set(try these.map(Self.canonical)) } else { [] }
        if allowsCredentials, listed.contains("null") { throw CORSError.credentialsForAnyPage }
        if allowsCredentials, (methods.map(\.rawValue) + (headers + exposedHeaders).map(\.rawName)).contains("*") {
            throw CORSError.wildcardWithCredentials
        }
        self.origins = origins
        self.methods = ([.get, .head, .post] + methods).map(\.rawValue).joined(separator: ", ")
        self.headers = headers.map(\.rawName).joined(separator: ", ")
        exposed = exposedHeaders.map(\.rawName).joined(separator: ", ")
        self.allowsCredentials = allowsCredentials
        self.maxAge = String(maxAge.wholeSeconds)
    }

    /// Adds a middleware that answers preflights and sets the fields.
    public func install(in app: inout App) {
        app.use { [self] request, next in
            // Fetch, "`Origin` header": an origin is ASCII; other text matches no origin.
            let origin = request.headers.contains(.origin) ? request.headers.ascii(.origin) ?? "" : nil
            let isAllowed = origin.map(allows) ?? false
            var response: Response
            if origin != nil, request.method == .options, request.headers.contains(.accessControlRequestMethod) {
                response = Response(isAllowed ? .noContent : .forbidden)
                if isAllowed { addPreflight(to: &response) }
            } else {
                response = try await next(request)
                // Not in the response to a preflight, which has nothing to read.
                if isAllowed || isOpen, response.upgrade == nil { expose(in: &response) }
            }
            guard response.upgrade == nil else { return response }
            // Fetch, "CORS protocol and HTTP caches": `*` is always sent, even without an `Origin`, because a cache may
            // use that response for a page later; otherwise the response varies, even without the field.
            if isOpen {
                add("*", to: &response)
            } else {
                if let origin, isAllowed { add(origin, to: &response) }
                response.addVary(.origin)
            }
            return response
        }
    }

    private var isOpen: Bool { if case .any = origins { true } else { false } }

    private func allows(_ origin: String) -> Bool {
        switch origins {
        case .any: true
        case .these: (try? Self.canonical(origin)).map(listed.contains) ?? false
        case .matching(let matches): matches(origin)
        }
    }

    /// The text that a browser sends for an origin.
    private static func canonical(_ text: String) throws(CORSError) -> String {
        guard text != "null" else { return text }
        guard let origin = Origin(text) else { throw CORSError.origin(text) }
        return "\(origin)"
    }

    private func add(_ origin: String, to response: inout Response) {
        response.headers[.accessControlAllowOrigin] = origin
        if allowsCredentials { response.headers[.accessControlAllowCredentials] = "true" }
    }

    private func expose(in response: inout Response) {
        if !exposed.isEmpty { response.headers[.accessControlExposeHeaders] = exposed }
    }

    private func addPreflight(to response: inout Response) {
        response.headers[.accessControlAllowMethods] = methods
        if !headers.isEmpty { response.headers[.accessControlAllowHeaders] = headers }
        response.headers[.accessControlMaxAge] = maxAge
    }
}
