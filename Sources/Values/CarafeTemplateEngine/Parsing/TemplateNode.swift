/// One piece of a parsed template; an include's target is a name at first, and an index when it is resolved.
///
/// Blocks do not nest in memory: where one begins and ends are nodes that know how far to jump in the template's list.
// The large cases are indirect, and so is a call: the renderer copies each node, and most are texts and values.
enum TemplateNode<Target: Sendable>: Sendable {
    case text(String)
    case substitution(Substitution)
    case include(Target, position: TemplatePosition)
    /// Goes on behind it where the condition holds, else at `otherwise`.
    indirect case branch(TemplateCondition, otherwise: Int)
    case jump(to: Int)
    /// Goes on behind it with the first element, or at `end` where there is none.
    indirect case loop(variable: String, TemplateExpression, end: Int)
    /// The end of a loop: back to `body` with the next element, or on.
    case next(body: Int)

    /// The same node with its target resolved; `resolve` is only asked for an include.
    func resolved<Resolved>(
        _ resolve: (Target, TemplatePosition) throws(TemplateError) -> Resolved
    ) throws(TemplateError) -> TemplateNode<Resolved> {
        switch self {
        case .text(let text): .text(text)
        case .substitution(let substitution): .substitution(substitution)
        case .include(let target, let position): .include(try resolve(target, position), position: position)
        case .branch(let condition, let otherwise): .branch(condition, otherwise: otherwise)
        case .jump(let target): .jump(to: target)
        case .loop(let variable, let expression, let end): .loop(variable: variable, expression, end: end)
        case .next(let body): .next(body: body)
        }
    }

    /// The call in it, if there is one.
    var call: TemplateCall? {
        switch self {
        case .substitution(let substitution): substitution.expression.call
        case .branch(let condition, _): condition.expression.call
        case .loop(_, let expression, _): expression.call
        case .text, .include, .jump, .next: nil
        }
    }
}

extension TemplateNode: Equatable where Target: Equatable {}

extension TemplateExpression {
    fileprivate var call: TemplateCall? { if case .call(let call) = self { call } else { nil } }
}
