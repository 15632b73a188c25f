/// Builds a template's nodes from its tokens.
///
///     template   = { text | expression | include }
///     expression = "{{" ( path | string ) [ "|" ( "safe" | "json" ) ] "}}"
///     path       = name { "." name }
///     include    = "{%" "include" string "%}"
///
/// The grammar does not nest, so nothing here recurses.
struct TemplateParser {
    private let template: String
    private var lexer: TemplateLexer
    private var nodes: [TemplateNode<String>] = []
    /// The text since the last node; it goes on across comments and quoted texts.
    private var text = ""
    private var tagPosition = TemplatePosition(line: 1, column: 1)

    init(template: String, source: String) {
        self.template = template
        lexer = TemplateLexer(template: template, source: source)
    }

    consuming func parse() throws(TemplateError) -> [TemplateNode<String>] {
        while true {
            let token = try lexer.next()
            tagPosition = token.position
            switch token.kind {
            case .text(let more): text.append(more)
            case .openExpression: try parseExpression()
            case .openStatement: try parseStatement()
            case .end:
                endText()
                return nodes
            default: throw unexpected(token, expected: "text or a tag")
            }
        }
    }

    private mutating func parseExpression() throws(TemplateError) {
        let token = try lexer.next()
        switch token.kind {
        case .string(let quoted):
            let filter = try parseFilter(at: try lexer.next(), orElse: "")
            filter.write(text: quoted, to: &text)
        case .name(let name) where Self.beginsPath(name):
            try parseSubstitution(Substitution.Step(name: name, position: token.position))
        default:
            throw unexpected(token, expected: "a variable or a text in double quotes")
        }
    }

    private mutating func parseSubstitution(_ first: Substitution.Step) throws(TemplateError) {
        var path = [first]
        var token = try lexer.next()
        while token.kind == .dot {
            let step = try lexer.next()
            guard case .name(let name) = step.kind else {
                throw unexpected(step, expected: "a key or an array index after \".\"")
            }
            path.append(Substitution.Step(name: name, position: step.position))
            token = try lexer.next()
        }
        let filter = try parseFilter(at: token, orElse: "\".\", ")
        append(.substitution(Substitution(template: template, path: path, filter: filter)))
    }

    /// Reads the rest of an expression; `alternatives` says what else could have stood at `token`.
    private mutating func parseFilter(
        at token: TemplateToken, orElse alternatives: String
    ) throws(TemplateError) -> TemplateFilter {
        if token.kind == .closeExpression { return .escaped }
        guard token.kind == .pipe else { throw unexpected(token, expected: "\(alternatives)\"|\" or \"}}\"") }
        let name = try lexer.next()
        let filter: TemplateFilter =
            switch name.kind {
            case .name("safe"): .safe
            case .name("json"): .json
            default: throw unexpected(name, expected: "a filter name (safe or json)")
            }
        try expect(.closeExpression, as: "\"}}\"")
        return filter
    }

    private mutating func parseStatement() throws(TemplateError) {
        try expect(.name("include"), as: "\"include\", the only statement")
        let token = try lexer.next()
        guard case .string(let name) = token.kind, !name.isEmpty else {
            throw unexpected(token, expected: "a template's name in double quotes")
        }
        try expect(.closeStatement, as: "\"%}\"")
        append(.include(name, position: token.position))
    }

    private mutating func expect(_ kind: TemplateToken.Kind, as expected: String) throws(TemplateError) {
        let token = try lexer.next()
        guard token.kind == kind else { throw unexpected(token, expected: expected) }
    }

    private func unexpected(_ token: TemplateToken, expected: String) -> TemplateError {
        // The end of the file is no help to someone who looks for the tag that was left open.
        let position = token.kind == .end ? tagPosition : token.position
        return TemplateError(
            template: template, position: position, message: "expected \(expected), found \(token.found)")
    }

    /// Ends the text before a tag that is not text itself.
    private mutating func append(_ node: TemplateNode<String>) {
        endText()
        nodes.append(node)
    }

    private mutating func endText() {
        if !text.isEmpty { nodes.append(.text(text)) }
        text = ""
    }

    private static func beginsPath(_ name: String) -> Bool {
        name.unicodeScalars.first.map { $0 == "_" || $0.properties.isIDStart } ?? false
    }
}
