/// Responds to a call in a template. It returns nil for a function that it does not know.
package typealias TemplateCaller = (_ name: String, _ arguments: [String]) throws -> TemplateValue?

/// The values that a template sees at one place: the context, the variables of the loops around it, and functions.
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

    /// Returns the current element of the nearest loop with this variable.
    func element(named name: String) -> TemplateValue? {
        guard !loops.isEmpty, let loop = loops.last(where: { $0.variable == name }) else { return nil }
        return loop.elements[loop.index]
    }

    /// Enters a loop over at least one element.
    mutating func enter(_ loop: Loop) {
        loops.append(loop)
    }

    /// Moves to the next element of the innermost loop.
    ///
    /// - Returns: False after the last element; the loop is left then.
    mutating func advance() -> Bool {
        loops[loops.count - 1].index += 1
        if loops[loops.count - 1].index < loops[loops.count - 1].elements.count { return true }
        loops.removeLast()
        return false
    }
}
