public import CarafeApp
public import HTTPTypes
public import NIOCore

/// Lets pages of other sites read the answers of this one (cross-origin resource sharing, Fetch §3.2).
///
/// ```swift
/// try app.install(CORS(origins: ["https://app.example"], allowsCredentials: true))
/// ```
///
/// Preflights are answered here, for every path. It is not a protection against requests: those that need no preflight
/// reach their handlers, whatever their origin.
public struct CORS: Extension {
    /// The pages that may read: scheme, host and port where it is not the scheme's.
    public enum Origins: Sendable, ExpressibleByArrayLiteral {
        case any
        case these(Set<String>)
        case matching(@Sendable (String) -> Bool)

        public init(arrayLiteral origins: String...) {
            self = .these(Set(origins))
        }
    }

    private let origins: Origins
    private let methods: String
    private let headers: String
    private let exposed: String
    private let allowsCredentials: Bool
    private let maxAge: String

    /// - Parameters:
    ///   - methods: what scripts may send beside GET, HEAD and POST.
    ///   - headers: the fields that scripts may set.
    ///   - exposedHeaders: the fields that scripts may read.
    ///   - allowsCredentials: whether cookies come along; not together with `.any`, which throws `UnsafeCORS`.
    ///   - maxAge: how long a browser remembers the answer to a preflight: 10 minutes.
    public init(
        origins: Origins, methods: [HTTPRequest.Method] = [.put, .patch, .delete],
        headers: [HTTPField.Name] = [.contentType, .authorization], exposedHeaders: [HTTPField.Name] = [],
        allowsCredentials: Bool = false, maxAge: TimeAmount = .minutes(10)
    ) throws {
        if allowsCredentials, case .any = origins { throw UnsafeCORS() }
        self.origins = origins
        self.methods = ([.get, .head, .post] + methods).map(\.rawValue).joined(separator: ", ")
        self.headers = headers.map(\.rawName).joined(separator: ", ")
        exposed = exposedHeaders.map(\.rawName).joined(separator: ", ")
        self.allowsCredentials = allowsCredentials
        self.maxAge = String(maxAge.nanoseconds / 1_000_000_000)
    }

    public func install(in app: inout App) {
        app.use { [self] request, next in
            let origin = request.headers.ascii(.origin)
            let isAllowed = origin.map(allows) ?? false
            var response: Response
            if origin != nil, request.method == .options, request.headers.contains(.accessControlRequestMethod) {
                response = Response(isAllowed ? .noContent : .forbidden)
                if isAllowed { addPreflight(to: &response) }
            } else {
                response = try await next(request)
            }
            if let origin, isAllowed { add(origin, to: &response) }
            // RFC 9110 §12.5.5: also without the field, since the answer with it is another one.
            if case .any = origins {} else { response.headers.append(HTTPField(name: .vary, value: "Origin")) }
            return response
        }
    }

    private func allows(_ origin: String) -> Bool {
        switch origins {
        case .any: true
        case .these(let these): these.contains(origin)
        case .matching(let matches): matches(origin)
        }
    }

    private func add(_ origin: String, to response: inout Response) {
        if case .any = origins {
            response.headers[.accessControlAllowOrigin] = "*"
        } else {
            response.headers[.accessControlAllowOrigin] = origin
        }
        if allowsCredentials { response.headers[.accessControlAllowCredentials] = "true" }
        if !exposed.isEmpty { response.headers[.accessControlExposeHeaders] = exposed }
    }

    private func addPreflight(to response: inout Response) {
        response.headers[.accessControlAllowMethods] = methods
        if !headers.isEmpty { response.headers[.accessControlAllowHeaders] = headers }
        response.headers[.accessControlMaxAge] = maxAge
    }
}

/// Every site may read what a client's cookies open: no browser takes that, and none should.
public struct UnsafeCORS: Error, Equatable, CustomStringConvertible {
    public var description: String { "expected a list of origins with allowsCredentials, found .any" }
}
