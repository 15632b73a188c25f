public import CarafeApp

/// Refuses forms that another site has filled in for a client of this one (cross-site request forgery).
///
/// Install it after `Sessions`. Forms carry `<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">`, scripts
/// the field `X-CSRF-Token`. In a form with files (`multipart/form-data`) the token has to be the first field. What cannot
/// change anything (GET, HEAD, OPTIONS, TRACE; RFC 9110 §9.2.1) passes, and so does a WebSocket's handshake, which has its
/// own check of the origin.
///
/// The form is read within the limit of its route (`bodyLimit:`). A refusal is 403 and says whether the page is of
/// another host, or the token missing, not first, or of another session.
///
/// The token is another one on each page, so that a compressed page tells nothing of it (BREACH).
public struct CSRFProtection: Extension {
    private let exempt: [String]

    /// `exempting` are paths of APIs that take no cookie for a proof, such as `/api/`; all below them is free.
    public init(exempting paths: [String] = []) {
        exempt = paths
    }

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
