/// A set of CORS rules that is unsafe, or that no browser follows.
public enum CORSError: Error, Equatable, CustomStringConvertible {
    /// Every page could read the responses that a client's cookies open.
    ///
    /// No browser allows it (Fetch, "CORS protocol and credentials").
    case credentialsForAnyPage
    /// With credentials browsers read `*` as the name of a method or a field.
    case wildcardWithCredentials
    /// A text that no browser sends as the origin of a page.
    case origin(String)

    /// The expected and the found.
    public var description: String {
        switch self {
        case .credentialsForAnyPage:
            "expected a list of origins without null with allowsCredentials, found .any or null: any page can be one of "
                + "those"
        case .wildcardWithCredentials:
            "expected the names of methods and fields with allowsCredentials, found *, which means all of them only "
                + "without"
        case .origin(let text):
            "expected an origin such as https://app.example or http://localhost:8080, without a path or final slash, "
                + "found \(text.debugDescription)"
        }
    }
}
