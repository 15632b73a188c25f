/// `{{ path | filter }}`: a value from the context.
struct Substitution: Sendable, Equatable {
    /// One name between the dots of a path.
    struct Step: Sendable, Equatable {
        let name: String
        /// The name read as an array index, where it is one.
        let index: Int?
        let position: TemplatePosition

        init(name: String, position: TemplatePosition) {
            self.name = name
            self.position = position
            index = Int(name)
        }
    }

    /// The template it stands in: an error inside an include must name the included template.
    let template: String
    /// Never empty.
    let path: [Step]
    let filter: TemplateFilter

    func write(_ context: TemplateValue, to output: inout String) throws(TemplateError) {
        let value = try find(in: context)
        if filter == .json {
            try write(json: value, to: &output)
            return
        }
        switch value {
        case .null: break
        case .bool(let bool): output.append(bool ? "true" : "false")
        case .int(let int): output.append(int.description)
        case .double(let double): output.append(double.description)
        case .string(let text): filter.write(text: text, to: &output)
        case .array, .object:
            throw error("expected a text, number or boolean in \"\(name())\", found \(value.kind); only json writes it")
        }
    }

    private func write(json value: TemplateValue, to output: inout String) throws(TemplateError) {
        do {
            output.append(try JSONText(value).text)
        } catch {
            throw self.error("expected finite numbers in \"\(name())\", found \(error.number)")
        }
    }

    private func find(in context: TemplateValue) throws(TemplateError) -> TemplateValue {
        var value = context
        for (depth, step) in path.enumerated() {
            guard let next = value.child(step) else {
                let parent = depth == 0 ? "the context" : "\"\(name(upTo: depth))\""
                let message = "expected a value for \"\(name(upTo: depth + 1))\", found \(parent) to be \(value.kind)"
                throw error(message, at: step)
            }
            value = next
        }
        return value
    }

    /// The path as the template spells it, or its first steps.
    private func name(upTo depth: Int = .max) -> String {
        path.prefix(depth).map(\.name).joined(separator: ".")
    }

    private func error(_ message: String, at step: Step? = nil) -> TemplateError {
        TemplateError(template: template, position: (step ?? path.first)?.position, message: message)
    }
}

extension TemplateValue {
    fileprivate func child(_ step: Substitution.Step) -> TemplateValue? {
        switch self {
        case .object(let members): members[step.name]
        case .array(let elements):
            if let index = step.index, elements.indices.contains(index) { elements[index] } else { nil }
        case .null, .bool, .int, .double, .string: nil
        }
    }
}
