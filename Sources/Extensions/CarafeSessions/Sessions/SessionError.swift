/// An error of a session, or of the secret that signs it.
public enum SessionError: Error, Equatable, CustomStringConvertible {
    /// A secret of fewer than 32 bytes, which can be guessed.
    case weakSecret(byteCount: Int)
    /// A session that does not fit into a cookie, with the names of its values.
    case tooLarge(names: [String])
    /// A value that JSON cannot hold, such as NaN.
    case unencodableValue(name: String, problem: String)
    /// A template's function needs the session, and nothing has loaded it.
    case notLoaded
    /// The session cannot be changed any more: its cookie was sent with the response.
    case cookieSent

    static let secretLimit = 32

    /// The expected, the found, and the remedy.
    public var description: String {
        switch self {
        case .weakSecret(let count):
            "expected a secret of at least \(Self.secretLimit) bytes, found \(count); `openssl rand -base64 32` makes one"
        case .tooLarge(let names):
            "the session with \(names.joined(separator: ", ")) is more than a cookie holds (4 KiB): keep less in it, "
                + "or give Sessions a store"
        case .unencodableValue(let name, let problem):
            "the session's value \"\(name)\" cannot be kept: \(problem)"
        case .notLoaded:
            "expected a session that is loaded, found one that nobody has asked for: name the functions that a template "
                + "calls in `functions(of:)` of your TemplateRenderer, or ask for `try await request.session` in the handler"
        case .cookieSent:
            "the session is in a cookie, which has been sent: change it before the answer, or give Sessions a store"
        }
    }
}
