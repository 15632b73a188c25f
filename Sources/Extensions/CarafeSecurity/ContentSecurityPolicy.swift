/// A policy for the resources that a page may load and use (Content Security Policy Level 3): directives and their
/// values.
public struct ContentSecurityPolicy: Sendable, Equatable {
    private var directives: [(name: String, value: String)] = []

    /// The policy that allows everything from this site, sockets included, and images in `data:` URLs. It forbids
    /// plugins, foreign frames around the page, forms to other sites, and inline scripts and styles without the page's
    /// nonce.
    public static let strict: ContentSecurityPolicy = {
        var policy = ContentSecurityPolicy()
        policy["default-src"] = "'self'"
        // An image in the page's own text, such as a small icon, runs nothing.
        policy["img-src"] = "'self' data:"
        policy["base-uri"] = "'none'"
        policy["object-src"] = "'none'"
        policy["frame-ancestors"] = "'self'"
        policy["form-action"] = "'self'"
        return policy
    }()

    /// Creates a policy without directives.
    public init() {}

    /// The value of a directive: `policy["img-src"] = "'self' data:"`. Setting nil removes it.
    public subscript(name: String) -> String? {
        get { directives.first { $0.name == name }?.value }
        set {
            let index = directives.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): directives[index].value = value
            case (let index?, nil): directives.remove(at: index)
            case (nil, let value?): directives.append((name, value))
            case (nil, nil): break
            }
        }
    }

    /// Returns the value of the field, with a nonce for inline scripts and styles if the page uses one.
    func field(nonce: String?) -> String {
        var policy = self
        if let nonce {
            for name in ["script-src", "style-src"] {
                let allowed = [self[name] ?? self["default-src"], "'nonce-\(nonce)'"].compactMap { $0 }
                policy[name] = allowed.filter { $0 != "'none'" }.joined(separator: " ")
            }
        }
        return policy.directives.map { "\($0.name) \($0.value)" }.joined(separator: "; ")
    }

    /// Whether two policies have the same directives.
    public static func == (left: ContentSecurityPolicy, right: ContentSecurityPolicy) -> Bool {
        left.directives.elementsEqual(right.directives) { $0 == $1 }
    }
}
