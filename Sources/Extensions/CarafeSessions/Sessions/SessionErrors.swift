/// An error for a secret that is too short to be safe.
public struct WeakSecret: Error, Equatable, CustomStringConvertible {
    static let limit = 32

    /// The number of bytes that it has.
    public var count: Int

    /// A description that says how to make a secret.
    public var description: String {
        "expected a secret of at least \(Self.limit) bytes, found \(count); `openssl rand -base64 32` makes one"
    }
}

/// An error for a session that does not fit into a cookie.
public struct SessionTooLarge: Error, Equatable, CustomStringConvertible {
    /// The names of its values.
    public var names: [String]

    /// A description with the names.
    public var description: String {
        "the session with \(names.joined(separator: ", ")) is more than a cookie holds (4 KiB): keep less in it, "
            + "or give Sessions a store"
    }
}

/// An error for a template function that needs the session of a request which has not been opened.
public struct SessionIsNotOpen: Error, Equatable, CustomStringConvertible {
    /// A description that says what to call.
    public var description: String {
        "expected an open session, found one that nobody has asked for: name the functions that a template calls in "
            + "`functions(of:)` of your TemplateRenderer, or ask for `try await request.session` in the handler"
    }
}

/// An error for a session that can no longer be saved, because its cookie was sent with the response.
public struct SessionIsInCookie: Error, Equatable, CustomStringConvertible {
    /// A description that says what to use instead.
    public var description: String {
        "the session is in a cookie, which has been sent: change it before the answer, or give Sessions a store"
    }
}
