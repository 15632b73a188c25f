/// A parser that builds a template's nodes from its tokens.
///
/// ```
/// template   = { text | "{{" value "}}" | statement }
/// value      = ( expression | string ) [ "|" ( "safe" | "json" ) ]
/// expression = path | name "(" [ argument { "," argument } ] ")"
/// argument   = path | string
/// path       = name { "." name }
/// statement  = "{%" ( "include" string | "if" [ "not" ] expression | "else" | "endif"
///                   | "for" name "in" expression | "endfor" ) "%}"
/// ```
///
/// Blocks are kept in a list, so that nothing here recurses.
struct TemplateParser {
    private let template: String
    private var lexer: TemplateLexer
    private var nodes: [TemplateNode<String>] = []
    private var blocks: TemplateBlocks
    /// The text since the last node. It continues across comments and literals.
    private var text = ""
    private var tagPosition = TemplatePosition(line: 1, column: 1)

    init(template: String, source: String) {
        self.template = template
        lexer = TemplateLexer(template: template, source: source)
        blocks = TemplateBlocks(template: template)
    }

    consuming func parse() throws(TemplateError) -> [TemplateNode<String>] {
        while true {
            let token = try lexer.next()
            tagPosition = token.position
            switch token.kind {
            case .text(let more): text.append(more)
            case .openExpression: try parseValue()
            case .openStatement: try parseStatement()
            case .end:
                endText()
                try blocks.end()
                return nodes
            default: throw unexpected(token, expected: "text or a tag")
            }
        }
    }

    // MARK: Values

    private mutating func parseValue() throws(TemplateError) {
        let token = try lexer.next()
        if case .string(let quoted) = token.kind {
            let filter = try parseFilter(at: try lexer.next(), orElse: "")
            filter.write(text: quoted, to: &text)
            return
        }
        let (expression, next) = try parseExpression(token, expected: "a variable or a text in double quotes")
        let filter = try parseFilter(at: next, orElse: expression.continuations)
        endText()
        nodes.append(.substitution(Substitution(expression: expression, filter: filter)))
    }

    /// Parses the rest of a value. `alternatives` names the other tokens that could have stood at `token`.
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

    // MARK: Expressions

    /// Parses the expression that begins at `token`.
    ///
    /// - Returns: The expression, and the token after it.
    private mutating func parseExpression(
        _ token: TemplateToken, expected: String
    ) throws(TemplateError) -> (TemplateExpression, TemplateToken) {
        let (path, next) = try parsePath(token, expected: expected)
        guard next.kind == .openParenthesis, path.steps.count == 1 else { return (.path(path), next) }
        let arguments = try parseArguments()
        let call = TemplateCall(
            template: template, position: token.position, name: path.steps[0].name, arguments: arguments)
        return (.call(call), try lexer.next())
    }

    private mutating func parsePath(
        _ first: TemplateToken, expected: String
    ) throws(TemplateError) -> (TemplatePath, TemplateToken) {
        guard case .name(let name) = first.kind, Self.beginsPath(name) else {
            throw unexpected(first, expected: expected)
        }
        var steps = [TemplatePath.Step(name: name, position: first.position)]
        var token = try lexer.next()
        while token.kind == .dot {
            let step = try lexer.next()
            guard case .name(let name) = step.kind else {
                throw unexpected(step, expected: "a key or an array index after \".\"")
            }
            steps.append(TemplatePath.Step(name: name, position: step.position))
            token = try lexer.next()
        }
        return (TemplatePath(template: template, steps: steps), token)
    }

    /// Parses the arguments, including the closing parenthesis.
    private mutating func parseArguments() throws(TemplateError) -> [TemplateCall.Argument] {
        var arguments: [TemplateCall.Argument] = []
        var token = try lexer.next()
        if token.kind == .closeParenthesis { return [] }
        while true {
            let after: TemplateToken
            if case .string(let text) = token.kind {
                arguments.append(.text(text))
                after = try lexer.next()
            } else {
                let (path, next) = try parsePath(token, expected: "a variable, a text in double quotes or \")\"")
                arguments.append(.path(path))
                after = next
            }
            if after.kind == .closeParenthesis { return arguments }
            guard after.kind == .comma else { throw unexpected(after, expected: "\",\" or \")\"") }
            token = try lexer.next()
        }
    }

    // MARK: Statements

    private mutating func parseStatement() throws(TemplateError) {
        let token = try lexer.next()
        let position = token.position
        endText()
        switch token.kind {
        case .name("include"): try parseInclude()
        case .name("if"): try parseCondition(at: position)
        case .name("for"): try parseLoop(at: position)
        case .name("else"):
            try expect(.closeStatement, as: "\"%}\"")
            try blocks.beginOtherwise(at: position, &nodes)
        case .name("endif"):
            try expect(.closeStatement, as: "\"%}\"")
            try blocks.endCondition(at: position, &nodes)
        case .name("endfor"):
            try expect(.closeStatement, as: "\"%}\"")
            try blocks.endLoop(at: position, &nodes)
        default: throw unexpected(token, expected: "include, if, else, endif, for or endfor")
        }
    }

    private mutating func parseInclude() throws(TemplateError) {
        let token = try lexer.next()
        guard case .string(let name) = token.kind, !name.isEmpty else {
            throw unexpected(token, expected: "a template's name in double quotes")
        }
        try expect(.closeStatement, as: "\"%}\"")
        nodes.append(.include(name, position: token.position))
    }

    private mutating func parseCondition(at position: TemplatePosition) throws(TemplateError) {
        var token = try lexer.next()
        let isNegated = token.kind == .name("not")
        if isNegated { token = try lexer.next() }
        let (expression, next) = try parseExpression(token, expected: "a variable or a call")
        guard next.kind == .closeStatement else {
            throw unexpected(next, expected: "\(expression.continuations)\"%}\"")
        }
        try blocks.begin(if: TemplateCondition(expression: expression, isNegated: isNegated), at: position, &nodes)
    }

    private mutating func parseLoop(at position: TemplatePosition) throws(TemplateError) {
        let token = try lexer.next()
        guard case .name(let variable) = token.kind, Self.beginsPath(variable) else {
            throw unexpected(token, expected: "a name for each element")
        }
        try expect(.name("in"), as: "\"in\"")
        let (list, next) = try parseExpression(try lexer.next(), expected: "a variable or a call")
        guard next.kind == .closeStatement else { throw unexpected(next, expected: "\(list.continuations)\"%}\"") }
        try blocks.begin(for: variable, in: list, at: position, &nodes)
    }

    // MARK: Tokens

    private mutating func expect(_ kind: TemplateToken.Kind, as expected: String) throws(TemplateError) {
        let token = try lexer.next()
        guard token.kind == kind else { throw unexpected(token, expected: expected) }
    }

    private func unexpected(_ token: TemplateToken, expected: String) -> TemplateError {
        // The end of the file does not help a reader who looks for the tag that was left open.
        let position = token.kind == .end ? tagPosition : token.position
        return TemplateError(
            template: template, position: position, message: "expected \(expected), found \(token.found)")
    }

    /// Ends the text before a tag that is not text itself.
    private mutating func endText() {
        if !text.isEmpty { nodes.append(.text(text)) }
        text = ""
    }

    private static func beginsPath(_ name: String) -> Bool {
        name.unicodeScalars.first.map { $0 == "_" || $0.properties.isIDStart } ?? false
    }
}

extension TemplateExpression {
    /// The tokens that could have continued the expression, for a message.
    fileprivate var continuations: String {
        guard case .path(let path) = self else { return "" }
        return path.steps.count == 1 ? "\".\", \"(\", " : "\".\", "
    }
}
