/// A call of a function of the app: `static("chat.css")`.
struct TemplateCall: Sendable, Equatable {
    enum Argument: Sendable, Equatable {
        case text(String)
        case path(TemplatePath)
    }

    let template: String
    let position: TemplatePosition
    let name: String
    let arguments: [Argument]

    func value(in scope: borrowing TemplateScope) throws(TemplateError) -> TemplateValue {
        var texts: [String] = []
        for argument in arguments {
            switch argument {
            case .text(let text): texts.append(text)
            case .path(let path):
                let value = try path.find(in: scope)
                guard let text = value.text else {
                    throw path.error("expected a text, number or boolean in \"\(path.name())\", found \(value.kind)")
                }
                texts.append(text)
            }
        }
        let value: TemplateValue?
        do {
            value = try scope.call(name, texts)
        } catch {
            throw self.error("the call of \(name) failed: \(error)")
        }
        guard let value else { throw self.error("expected a function of the app, found \"\(name)\", which is not one") }
        return value
    }

    /// The arguments, if all of them are literals.
    var texts: [String]? {
        var texts: [String] = []
        for argument in arguments {
            guard case .text(let text) = argument else { return nil }
            texts.append(text)
        }
        return texts
    }

    func error(_ message: String) -> TemplateError {
        TemplateError(template: template, position: position, message: message)
    }
}
