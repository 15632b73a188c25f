public import CarafeApp
import CarafeRuntime
import FoundationEssentials
import HTTPTypes
public import NIOCore

/// Tells browsers to be strict with what this app sends.
///
/// A field that the app has set itself stays. An inline script or style gets the page's nonce by
/// `<script nonce="{{ csp_nonce() }}">`, or in Swift by `request.contentSecurityNonce`; a page that has one is sent with
/// `Cache-Control: no-cache`, unless it says itself how it is cached.
public struct SecurityHeaders: Extension {
    /// For pages.
    public var contentSecurityPolicy: ContentSecurityPolicy? = .strict

    /// What a link tells the site that it leads to: nothing of the path.
    public var referrerPolicy: String? = "strict-origin-when-cross-origin"

    /// Pages of other sites that open one of this site do not get at it.
    public var crossOriginOpenerPolicy: String? = "same-origin"

    /// What no page of this site asks for.
    public var permissionsPolicy: String? = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

    /// How long a browser comes by TLS only, once it has: a year (RFC 6797). It is sent over TLS only; nil for never.
    public var strictTransportSecurity: TimeAmount? = .hours(24 * 365)

    public init() {}

    public func install(in app: inout App) {
        app.use { [self] request, next in
            var request = request
            let nonce = Nonce()
            request.values[Nonce.self] = nonce
            var response = try await next(request)
            if response.upgrade == nil { add(to: &response, request, nonce) }
            return response
        }
        app.templateFunctions["csp_nonce"] = { request, _ in try request.contentSecurityNonce }
    }

    private func add(to response: inout Response, _ request: Request, _ nonce: Nonce) {
        func set(_ name: HTTPField.Name, _ value: @autoclosure () -> String?) {
            if response.headers[name] == nil, let value = value() { response.headers[name] = value }
        }
        // A browser must not guess another type.
        set(.xContentTypeOptions, "nosniff")
        if request.isSecure {
            set(
                .strictTransportSecurity,
                strictTransportSecurity.map { "max-age=\($0.nanoseconds / 1_000_000_000)" })
        }
        // A nonce that a cache gives again is one that can be known (CSP 3 §7.1).
        if nonce.used != nil { response.limitCaching() }
        guard Self.isPage(response.headers[.contentType]) else { return }
        set(.contentSecurityPolicy, contentSecurityPolicy?.field(nonce: nonce.used))
        set(.referrerPolicy, referrerPolicy)
        set(.crossOriginOpenerPolicy, crossOriginOpenerPolicy)
        set(.permissionsPolicy, permissionsPolicy)
    }

    /// What may hold scripts.
    private static func isPage(_ type: String?) -> Bool {
        ["text/html", "application/xhtml+xml", "image/svg+xml"].contains(ParameterizedValue(type?[...] ?? "").value)
    }
}

/// The nonce of one page, made when somebody asks for it.
final class Nonce: Sendable {
    private let nonce = Lazily<String>()

    /// Nil when no script of the page needs it.
    var used: String? { nonce.value }

    func use() -> String {
        nonce.get {
            var generator = SystemRandomNumberGenerator()
            // CSP 3 §7.1: at least 128 bits that nobody can guess.
            return Data((0..<18).map { _ in UInt8.random(in: 0...255, using: &generator) }).base64EncodedString()
        }
    }
}

extension Request {
    /// What an inline script or style of this page carries in its attribute `nonce`, to be allowed by the policy.
    public var contentSecurityNonce: String {
        get throws {
            guard let nonce = values[Nonce.self] else { throw MissingExtension(name: "SecurityHeaders") }
            return nonce.use()
        }
    }
}

extension HTTPField.Name {
    // All are tokens, so that there are names.
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
    static let permissionsPolicy = HTTPField.Name("Permissions-Policy")!
}
