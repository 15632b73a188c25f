/// The condition of `{% if expression %}` or `{% if not expression %}`.
struct TemplateCondition: Sendable, Equatable {
    let expression: TemplateExpression
    let isNegated: Bool

    /// Whether the condition holds. As in Jinja, null, false, zero and empty values do not; a missing name is an error
    /// nevertheless.
    func holds(in scope: borrowing TemplateScope) throws(TemplateError) -> Bool {
        let isTrue =
            switch try expression.value(in: scope) {
            case .null: false
            case .bool(let bool): bool
            case .int(let int): int != 0
            case .double(let double): double != 0
            case .string(let text): !text.isEmpty
            case .array(let elements): !elements.isEmpty
            case .object(let members): !members.isEmpty
            }
        return isTrue != isNegated
    }
}
