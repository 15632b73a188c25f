import CarafeRuntime

/// The steps by which a node reads a room of its engine, one at a time.
///
/// A node's copy follows hints, which have the engine's new entries. Where these leave something out, the node takes a
/// step.
struct CopySteps: Sendable {
    /// A reading of the engine.
    enum Step: Sendable, Equatable {
        /// Reads the whole log.
        case open
        /// Reads the entries after the end of the copy.
        case read
    }

    enum Phase: Equatable {
        /// The copy has all entries of which the node has heard. Before the first step, it is nobody's.
        case following
        /// The copy needs a step, which has not begun.
        case behind(Step)
        /// A step is being taken; hints are kept until its end.
        case reading(Step)
    }

    /// The maximum number of hints that are kept during a step, and of their bytes. Beyond it another step follows.
    static let hintLimit = 1024
    static let hintByteLimit = 4 << 20

    private(set) var phase = Phase.following
    /// Whether there is a copy, in line or behind.
    private(set) var isOpen = false
    private var hints: [EnginePage] = []
    private var hintBytes = 0
    /// The step that has to follow the present one.
    private var next: Step?
    /// The numbers of the steps that have begun, and of the last ones that have succeeded and failed.
    private(set) var begun: UInt64 = 0
    private(set) var succeeded: UInt64 = 0
    private(set) var failed: UInt64 = 0
    /// The tasks that wait for the end of a step.
    var waiting = ContinuationQueue<Never>()

    var isReading: Bool { if case .reading = phase { true } else { false } }

    /// Whether a step is needed that nobody has begun.
    var isNeeded: Bool { if case .behind = phase { true } else { false } }

    func hasEnded(_ step: UInt64) -> Bool { max(succeeded, failed) >= step }

    // MARK: Steps

    /// Asks for a step that begins after this call.
    mutating func need(_ step: Step) {
        switch phase {
        case .following: phase = .behind(isOpen ? step : .open)
        case .behind(.read): phase = .behind(step)
        case .behind(.open): break
        case .reading: if next != .open { next = step }
        }
    }

    /// Begins the step that is needed; nil without one, and while one is being taken.
    mutating func begin() -> Step? {
        guard case .behind(let step) = phase else { return nil }
        phase = .reading(step)
        begun += 1
        return step
    }

    /// Ends the present step, after which the node has a copy.
    ///
    /// - Returns: The hints that came during the step.
    mutating func end() -> [EnginePage] {
        isOpen = true
        phase = .following
        succeeded = begun
        if let next { need(next) }
        next = nil
        return takeHints()
    }

    /// Follows the present step by another before it ends: it has found another log, or not all entries.
    mutating func extend(by step: Step) {
        phase = .behind(next == .open ? .open : step)
        next = nil
    }

    /// Ends the present step, which is needed again once the engine can be used.
    mutating func fail() {
        guard case .reading(let step) = phase else { return }
        phase = .behind(next == .open ? .open : step)
        failed = begun
        next = nil
        _ = takeHints()
    }

    // MARK: Hints

    /// Keeps a hint if a step is being taken.
    ///
    /// - Returns: Whether the hint is to be used at once.
    mutating func hear(_ hint: EnginePage) -> Bool {
        guard case .reading = phase else { return isOpen }
        hintBytes += hint.byteCount
        if hints.count < Self.hintLimit, hintBytes <= Self.hintByteLimit {
            hints.append(hint)
        } else if next == nil {
            next = .read
        }
        return false
    }

    private mutating func takeHints() -> [EnginePage] {
        defer { hints = [] }
        hintBytes = 0
        return hints
    }

    /// Forgets the copy, which nobody reads, unless a step is being taken. A step that has not begun fails.
    ///
    /// - Returns: Whether it was forgotten.
    mutating func forget() -> Bool {
        if isReading { return false }
        if isNeeded {
            begun += 1
            failed = begun
        }
        phase = .following
        isOpen = false
        return true
    }
}
