/// A value to write: `{{ expression | filter }}`.
struct Substitution: Sendable, Equatable {
    let expression: TemplateExpression
    let filter: TemplateFilter

    func write(_ scope: borrowing TemplateScope, to output: inout String) throws(TemplateError) {
        let value = try expression.value(in: scope)
        if filter == .json {
            try write(json: value, to: &output)
            return
        }
        switch value {
        case .null: break
        case .string(let text): filter.write(text: text, to: &output)
        default:
            guard let text = value.text else {
                throw expression.error(
                    "expected a text, number or boolean in \"\(expression.name)\", found \(value.kind); "
                        + "only json writes it")
            }
            output.append(text)
        }
    }

    private func write(json value: TemplateValue, to output: inout String) throws(TemplateError) {
        do {
            output.append(try JSONText(value).text)
        } catch {
            throw expression.error("expected finite numbers in \"\(expression.name)\", found \(error.number)")
        }
    }
}
