/// A path to a value: `user.name`.
struct TemplatePath: Sendable, Equatable {
    /// A name between the dots of a path.
    struct Step: Sendable, Equatable {
        let name: String
        /// The name as an array index, if it is one.
        let index: Int?
        let position: TemplatePosition

        init(name: String, position: TemplatePosition) {
            self.name = name
            self.position = position
            index = Int(name)
        }
    }

    /// The template that contains the path: an error inside an include must name the included template.
    let template: String
    /// The steps, at least one.
    let steps: [Step]

    func find(in scope: borrowing TemplateScope) throws(TemplateError) -> TemplateValue {
        var depth = 0
        var value = scope.context
        // A loop's variable hides a value of the context.
        if let element = scope.element(named: steps[0].name) {
            depth = 1
            value = element
        }
        while depth < steps.count {
            let step = steps[depth]
            guard let next = value.child(step) else {
                let parent = depth == 0 ? "the context" : "\"\(name(upTo: depth))\""
                let message = "expected a value for \"\(name(upTo: depth + 1))\", found \(parent) to be \(value.kind)"
                throw error(message, at: step)
            }
            value = next
            depth += 1
        }
        return value
    }

    /// The path, or its first steps, as the template spells it.
    func name(upTo depth: Int = .max) -> String {
        steps.prefix(depth).map(\.name).joined(separator: ".")
    }

    func error(_ message: String, at step: Step? = nil) -> TemplateError {
        TemplateError(template: template, position: (step ?? steps.first)?.position, message: message)
    }
}

extension TemplateValue {
    fileprivate func child(_ step: TemplatePath.Step) -> TemplateValue? {
        switch self {
        case .object(let members): members[step.name]
        case .array(let elements):
            if let index = step.index, elements.indices.contains(index) { elements[index] } else { nil }
        case .null, .bool, .int, .double, .string: nil
        }
    }
}
