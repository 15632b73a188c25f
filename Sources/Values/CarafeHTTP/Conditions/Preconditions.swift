import CarafeRuntime
import HTTPTypes

/// The validators of a representation (RFC 9110 §8.8).
public struct Validators: Sendable, Equatable {
    /// The value of ETag, with its quotation marks, and with `W/` before them if it is weak.
    public var entityTag: String?
    /// The time of the last modification, in seconds since 1970.
    public var modified: Int?

    /// Creates validators.
    ///
    /// - Parameters:
    ///   - entityTag: The value of ETag, with its quotation marks.
    ///   - modified: The time of the last modification, in seconds since 1970.
    public init(entityTag: String? = nil, modified: Int? = nil) {
        self.entityTag = entityTag
        self.modified = modified
    }

    fileprivate var tag: EntityTag? { entityTag.flatMap { EntityTag($0) } }
}

/// The outcome of a request's preconditions for a representation (RFC 9110 §13.2.2).
public enum PreconditionOutcome: Sendable, Equatable {
    /// There is no condition, or all conditions hold.
    case proceed
    /// The client has the representation already, and the response is 304.
    case notModified
    /// A condition does not hold, and the response is 412.
    case failed
}

extension Request {
    /// Evaluates the conditions of the request in the order of RFC 9110 §13.2.2.
    ///
    /// A condition with malformed tags matches nothing. A malformed date (§5.6.7) is ignored (§13.1.3, §13.1.4). In an
    /// error handler the outcome is always `proceed` (§13.2.1).
    ///
    /// - Parameter known: The validators of the representation; nil if it does not exist yet, so that `*` does not
    ///   match.
    /// - Returns: The outcome.
    public func preconditions(on known: Validators?) -> PreconditionOutcome {
        // Most requests have no condition, which one search shows. RFC 9110 §13.2.1: these methods select no
        // representation.
        guard headers.containsName(startingWith: "if-"), ![.connect, .options, .trace].contains(method),
            !isUnconditional
        else { return .proceed }
        if let tags = headers[.ifMatch] {
            guard Self.list(tags, names: known, weakly: false) else { return .failed }
        } else if let date = headers[.ifUnmodifiedSince].flatMap({ HTTPDate.parse($0) }), let modified = known?.modified
        {
            guard modified <= date else { return .failed }
        }
        // The date counts only without a tag.
        if let tags = headers[.ifNoneMatch] {
            guard Self.list(tags, names: known, weakly: true) else { return .proceed }
            return isRead ? .notModified : .failed
        }
        if isRead, let date = headers[.ifModifiedSince].flatMap({ HTTPDate.parse($0) }), let modified = known?.modified
        {
            return modified <= date ? .notModified : .proceed
        }
        return .proceed
    }

    /// Whether the response is 200 unless a condition or a range changes it.
    package var selectsRepresentation: Bool { isRead && !isUnconditional }

    /// Returns the request for code whose response is other than 200, whatever the conditions are.
    ///
    /// RFC 9110 §13.2.1: "A server MUST ignore all received preconditions if its response to the same request without
    /// those conditions, prior to processing the request content, would have been a status code other than a 2xx
    /// (Successful) or 412 (Precondition Failed)"; §14.2: `Range` counts only for a 200.
    package var unconditional: Request {
        var request = self
        request.values[Unconditional.self] = Unconditional()
        return request
    }

    private var isUnconditional: Bool { values[Unconditional.self] != nil }

    /// Returns whether a range of a representation may be sent: without `If-Range`, or if it names this representation,
    /// of which the client has a part (RFC 9110 §13.1.5).
    package func rangeFits(_ known: Validators) -> Bool {
        guard let condition = headers[.ifRange] else { return true }
        if let tag = EntityTag(condition) { return known.tag.map { tag.matches($0, weakly: false) } ?? false }
        guard let date = HTTPDate.parse(condition), let modified = known.modified else { return false }
        // RFC 9110 §8.8.2.2: a date is a strong validator only once its second is over.
        return date == modified && modified + 1 < FileStatus.now
    }

    private var isRead: Bool { method == .get || method == .head }

    private static func list(_ field: String, names known: Validators?, weakly: Bool) -> Bool {
        known.map { EntityTagList(field).names($0.tag, weakly: weakly) } ?? false
    }
}

/// A mark among the values of a request.
private struct Unconditional: Sendable {}
