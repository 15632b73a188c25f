/// The subject of a tag: a path or a call.
enum TemplateExpression: Sendable, Equatable {
    case path(TemplatePath)
    indirect case call(TemplateCall)

    func value(in scope: borrowing TemplateScope) throws(TemplateError) -> TemplateValue {
        switch self {
        case .path(let path): try path.find(in: scope)
        case .call(let call): try call.value(in: scope)
        }
    }

    /// The expression as the template spells it, for a message.
    var name: String {
        switch self {
        case .path(let path): path.name()
        case .call(let call): "\(call.name)(…)"
        }
    }

    func error(_ message: String) -> TemplateError {
        switch self {
        case .path(let path): path.error(message)
        case .call(let call): call.error(message)
        }
    }
}
