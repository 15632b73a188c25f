/// One piece of a parsed template; an include's target is a name at first, and an index when it is resolved.
enum TemplateNode<Target: Sendable>: Sendable {
    case text(String)
    case substitution(Substitution)
    case include(Target, position: TemplatePosition)

    /// The same node with its target resolved; `resolve` is only asked for an include.
    func resolved<Resolved>(
        _ resolve: (Target, TemplatePosition) throws(TemplateError) -> Resolved
    ) throws(TemplateError) -> TemplateNode<Resolved> {
        switch self {
        case .text(let text): .text(text)
        case .substitution(let substitution): .substitution(substitution)
        case .include(let target, let position): .include(try resolve(target, position), position: position)
        }
    }
}

extension TemplateNode: Equatable where Target: Equatable {}
