// The large cases are indirect, and so is a call: the renderer copies each node, and most are texts and values.
/// A node of a parsed template. The target of an include is a name at first, and an index once it is resolved.
///
/// Blocks do not nest in memory: they begin and end with nodes that hold the distance to jump in the template's list.
enum TemplateNode<Target: Sendable>: Sendable {
    case text(String)
    case substitution(Substitution)
    case include(Target, position: TemplatePosition)
    /// Continues with the next node if the condition holds, else at `otherwise`.
    indirect case branch(TemplateCondition, otherwise: Int)
    case jump(to: Int)
    /// Continues with the next node and the first element, or at `end` for an empty array.
    indirect case loop(variable: String, TemplateExpression, end: Int)
    /// Ends a loop: continues at `body` with the next element, or after the loop.
    case next(body: Int)

    /// Returns the node with its target resolved. `resolve` is called for an include only.
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

    /// The call in the node, if it has one.
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
