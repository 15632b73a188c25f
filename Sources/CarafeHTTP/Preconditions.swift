import HTTPTypes

/// What a representation is known by (RFC 9110 §8.8).
public struct Validators: Sendable, Equatable {
    /// With its quotation marks, and with `W/` before them where it is weak.
    public var entityTag: String?
    /// Seconds since 1970.
    public var modified: Int?

    public init(entityTag: String? = nil, modified: Int? = nil) {
        self.entityTag = entityTag
        self.modified = modified
    }
}

/// What the conditions of a request say of a representation.
public enum PreconditionOutcome: Sendable, Equatable {
    /// There is no condition, or each holds.
    case proceed
    /// The client has it already: 304.
    case notModified
    /// It is not what the client takes it for: 412.
    case failed
}

extension Request {
    /// What its conditions say of what it is about, in the order of RFC 9110 §13.2.2.
    public func preconditions(on known: Validators) -> PreconditionOutcome {
        // Most requests have none, and are asked once for all.
        guard headers.containsName(startingWith: "if-") else { return .proceed }
        if let tags = headers.ascii(.ifMatch) {
            guard Self.list(tags, names: known.entityTag, weakly: false) else { return .failed }
        } else if let date = headers.ascii(.ifUnmodifiedSince).flatMap(HTTPDate.parse), let modified = known.modified {
            guard modified <= date else { return .failed }
        }
        // The date counts only where no tag was sent.
        if let tags = headers.ascii(.ifNoneMatch) {
            guard Self.list(tags, names: known.entityTag, weakly: true) else { return .proceed }
            return isRead ? .notModified : .failed
        }
        if isRead, let date = headers.ascii(.ifModifiedSince).flatMap(HTTPDate.parse), let modified = known.modified {
            return modified <= date ? .notModified : .proceed
        }
        return .proceed
    }

    /// Whether a range may be cut from a representation: nothing was said, or it is still the one that the client has a
    /// part of (RFC 9110 §13.1.5).
    package func rangeFits(_ known: Validators) -> Bool {
        guard let condition = headers.ascii(.ifRange) else { return !headers.contains(.ifRange) }
        if condition.hasPrefix("\"") || condition.hasPrefix("W/") {
            return Self.list(condition, names: known.entityTag, weakly: false)
        }
        return known.modified.map { $0 == HTTPDate.parse(condition) } ?? false
    }

    private var isRead: Bool { method == .get || method == .head }

    /// RFC 9110 §8.8.3.2: a strong comparison holds for strong tags only.
    private static func list(_ field: String, names tag: String?, weakly: Bool) -> Bool {
        if field == "*" { return true }
        guard let tag else { return false }
        func opaque(_ tag: Substring) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag }
        return FieldValue.parts(of: field[...], at: ",").contains { listed in
            weakly ? opaque(listed) == opaque(tag[...]) : listed == tag && !tag.hasPrefix("W/")
        }
    }
}
