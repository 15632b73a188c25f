/// What a page may load and do (Content Security Policy Level 3): directives and their values.
public struct ContentSecurityPolicy: Sendable, Equatable {
    private var directives: [(name: String, value: String)] = []

    /// Everything from this site, sockets included, and images in `data:` URLs; no plugins, no foreign frame around it,
    /// no form to elsewhere, and no inline script or style but with the page's nonce.
    public static let strict: ContentSecurityPolicy = {
        var policy = ContentSecurityPolicy()
        policy["default-src"] = "'self'"
        // What is drawn from the page's own text, a small icon for one, runs nothing.
        policy["img-src"] = "'self' data:"
        policy["base-uri"] = "'none'"
        policy["object-src"] = "'none'"
        policy["frame-ancestors"] = "'self'"
        policy["form-action"] = "'self'"
        return policy
    }()

    /// A policy without directives.
    public init() {}

    /// The value of a directive: `policy["img-src"] = "'self' data:"`; nil takes it away.
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

    /// The value of the field, with a nonce for inline scripts and styles where the page has asked for one.
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

    public static func == (left: ContentSecurityPolicy, right: ContentSecurityPolicy) -> Bool {
        left.directives.elementsEqual(right.directives) { $0 == $1 }
    }
}
