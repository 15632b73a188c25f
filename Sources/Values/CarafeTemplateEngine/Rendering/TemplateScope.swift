/// Answers the calls in a template, by name and texts; nil for a name that it does not know.
public typealias TemplateCaller = (_ name: String, _ arguments: [String]) throws -> TemplateValue?

/// What a template sees at one place: the context, the variables of the loops around it, and functions.
struct TemplateScope {
    struct Loop {
        let variable: String
        let elements: [TemplateValue]
        var index = 0
    }

    let context: TemplateValue
    let call: TemplateCaller
    private var loops: [Loop] = []

    init(context: TemplateValue, call: @escaping TemplateCaller) {
        self.context = context
        self.call = call
    }

    /// The present element of the nearest loop with this variable.
    func element(named name: String) -> TemplateValue? {
        guard !loops.isEmpty, let loop = loops.last(where: { $0.variable == name }) else { return nil }
        return loop.elements[loop.index]
    }

    /// Enters a loop; there is at least one element.
    mutating func enter(_ loop: Loop) {
        loops.append(loop)
    }

    /// Goes on to the next element of the innermost loop; false after the last, and the loop is left.
    mutating func advance() -> Bool {
        loops[loops.count - 1].index += 1
        if loops[loops.count - 1].index < loops[loops.count - 1].elements.count { return true }
        loops.removeLast()
        return false
    }
}
