public import CarafeApp
import HTTPTypes
import NIOCore

/// Sets the header fields by which browsers restrict the pages of this app.
///
/// A field that a response has already stays. An inline script or style gets the page's nonce by `<script nonce="{{
/// csp_nonce() }}">`, or in Swift by `request.contentSecurityNonce`. A page with a nonce is sent with `Cache-Control:
/// no-cache`, unless it sets that field itself.
public struct SecurityHeaders: Extension {
    /// The policy of pages; nil for none.
    public var contentSecurityPolicy: ContentSecurityPolicy? = .strict

    /// The part of an address that a link reveals to other sites; by default the origin only.
    public var referrerPolicy: String? = "strict-origin-when-cross-origin"

    /// The isolation from pages of other sites that open one of this site; by default they get no access to it.
    public var crossOriginOpenerPolicy: String? = "same-origin"

    /// The browser's features that no page of this site uses.
    public var permissionsPolicy: String? = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

    /// The time for which a browser that has connected over TLS does so only: a year (RFC 6797). The field is sent over
    /// TLS only; nil for never.
    public var strictTransportSecurity: Duration? = .days(365)

    /// Creates the extension with the defaults.
    public init() {}

    /// Adds a middleware that sets the fields, and the template function `csp_nonce`.
    public func install(in app: inout App) {
        app.use { [self] request, next in
            var request = request
            let nonce = ContentSecurityNonce()
            request.values[ContentSecurityNonce.self] = nonce
            var response = try await next(request)
            if response.upgrade == nil { add(to: &response, request, nonce) }
            return response
        }
        app.templateFunctions["csp_nonce"] = { request, _ in try request.contentSecurityNonce }
    }

    private func add(to response: inout Response, _ request: Request, _ nonce: ContentSecurityNonce) {
        func set(_ name: HTTPField.Name, _ value: @autoclosure () -> String?) {
            if response.headers[name] == nil, let value = value() { response.headers[name] = value }
        }
        // A browser must not guess another type.
        set(.xContentTypeOptions, "nosniff")
        if request.isSecure {
            set(
                .strictTransportSecurity,
                strictTransportSecurity.map { "max-age=\($0.wholeSeconds)" })
        }
        // A nonce that a cache returns again can be known (CSP 3 §7.1).
        if nonce.used != nil { response.limitCaching() }
        guard Self.isPage(response.headers[.contentType]) else { return }
        set(.contentSecurityPolicy, contentSecurityPolicy?.field(nonce: nonce.used))
        set(.referrerPolicy, referrerPolicy)
        set(.crossOriginOpenerPolicy, crossOriginOpenerPolicy)
        set(.permissionsPolicy, permissionsPolicy)
    }

    /// Whether content of this type may contain scripts.
    private static func isPage(_ type: String?) -> Bool {
        ["text/html", "application/xhtml+xml", "image/svg+xml"].contains(ParameterizedValue(type?[...] ?? "").value)
    }
}

extension Request {
    /// The value for the attribute `nonce` of this page's inline scripts and styles, by which the policy allows them.
    public var contentSecurityNonce: String {
        get throws {
            guard let nonce = values[ContentSecurityNonce.self] else {
                throw MissingExtensionError(name: "SecurityHeaders")
            }
            return nonce.value
        }
    }
}

extension HTTPField.Name {
    // Force-unwrap is safe: these literals are valid field names.
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
    static let permissionsPolicy = HTTPField.Name("Permissions-Policy")!
}
