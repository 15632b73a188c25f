/// What is wrong with a template, or with the values given to it, and where.
public struct TemplateError: Error, Equatable, CustomStringConvertible {
    /// The name of the template at fault; inside an include, the included one.
    public let template: String
    /// The place in the template's source, or nil when the error concerns the template as a whole.
    public let position: TemplatePosition?
    /// What was expected and what was found.
    public let message: String

    /// Describes a fault in one template.
    public init(template: String, position: TemplatePosition?, message: String) {
        self.template = template
        self.position = position
        self.message = message
    }

    /// `template:line:column: message`, the form in which compilers report, so that editors can jump to it.
    public var description: String {
        guard let position else { return "\(template): \(message)" }
        return "\(template):\(position.line):\(position.column): \(message)"
    }
}

extension Sequence<String> {
    /// The names in order, for a message; a long list is cut so that the error stays readable.
    var listed: String {
        let limit = 12
        let names = sorted()
        let shown = names.prefix(limit).joined(separator: ", ")
        return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
    }
}
