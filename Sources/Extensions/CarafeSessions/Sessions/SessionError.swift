/// A secret that can be guessed.
public struct WeakSecret: Error, Equatable, CustomStringConvertible {
    static let limit = 32

    /// Bytes that it has.
    public var count: Int

    public var description: String {
        "expected a secret of at least \(Self.limit) bytes, found \(count); `openssl rand -base64 32` makes one"
    }
}

/// A session that does not fit into a cookie.
public struct SessionTooLarge: Error, Equatable, CustomStringConvertible {
    /// The names of its values.
    public var names: [String]

    public var description: String {
        "the session with \(names.joined(separator: ", ")) is more than a cookie holds (4 KiB): keep less in it, "
            + "or give Sessions a store"
    }
}

/// A template's function wants the session, and nobody has waited for it.
public struct SessionIsNotOpen: Error, Equatable, CustomStringConvertible {
    public var description: String {
        "expected an open session, found one that nobody has asked for: name the functions that a template calls in "
            + "`functions(of:)` of your TemplateRenderer, or ask for `try await request.session` in the handler"
    }
}

/// A session cannot be kept any more, since its cookie went out with the answer.
public struct SessionIsInCookie: Error, Equatable, CustomStringConvertible {
    public var description: String {
        "the session is in a cookie, which has been sent: change it before the answer, or give Sessions a store"
    }
}
