public import CarafeApp

/// Refuses forms that another site submits on behalf of a client (cross-site request forgery).
///
/// Install it after `Sessions`. Forms carry `<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">`,
/// scripts the field `X-CSRF-Token`. In a form with files (`multipart/form-data`) the token has to be the first field.
/// Safe methods (GET, HEAD, OPTIONS, TRACE; RFC 9110 §9.2.1) are not checked, nor is the handshake of a WebSocket,
/// which has its own check of the origin.
///
/// The form is read within the limit of its route (`bodyLimit:`). A refusal is 403, and says whether the page belongs
/// to another host, or whether the token is missing, not first, or of another session.
///
/// Each page has a different token, so that the length of a compressed page reveals nothing about it (BREACH).
public struct CSRFProtection: Extension {
    private let exempt: [String]

    /// Creates the protection.
    ///
    /// - Parameter paths: Path prefixes that are not checked, such as `/api/`. Only exempt routes that do not
    ///   authenticate by cookie.
    public init(exempting paths: [String] = []) {
        exempt = paths
    }

    /// Adds a middleware that checks requests, and the template function `csrf_token`.
    ///
    /// - Throws: `MissingExtensionError` if `Sessions` is not installed.
    public func install(in app: inout App) throws {
        let secrets = try app.require(Sessions.self).secrets
        let checker = CSRFChecker(signer: Signer(secrets: secrets, purpose: "carafe csrf token"), exempt: exempt)
        app.use { request, next in
            var request = request
            try await checker.check(&request)
            return try await next(request)
        }
        app.templateFunctions["csrf_token"] = { request, _ in checker.makeToken(for: try request.openedSession) }
        app.templatePreparations["csrf_token"] = Sessions.open
    }
}
