/// A fault in a template, or in the values given to it, with its position.
package struct TemplateError: Error, Equatable, CustomStringConvertible {
    /// The name of the template with the fault; inside an include, that of the included one.
    package let template: String
    /// The position in the template's source, or nil if the fault concerns the template as a whole.
    package let position: TemplatePosition?
    /// The expected and the found, in one sentence.
    package let message: String

    /// Creates an error for a fault in a template.
    package init(template: String, position: TemplatePosition?, message: String) {
        self.template = template
        self.position = position
        self.message = message
    }

    /// The error in the form of compilers, `template:line:column: message`, so that editors can jump to it.
    package var description: String {
        guard let position else { return "\(template): \(message)" }
        return "\(template):\(position.line):\(position.column): \(message)"
    }
}

extension Sequence<String> {
    /// The names in order, for a message. A long list is cut, so that the error stays readable.
    var listed: String {
        let limit = 12
        let names = sorted()
        let shown = names.prefix(limit).joined(separator: ", ")
        return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
    }
}
