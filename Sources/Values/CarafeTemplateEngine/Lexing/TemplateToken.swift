/// The smallest piece of a template's source that has a meaning.
struct TemplateToken: Equatable {
    enum Kind: Equatable {
        case text(String)
        case openExpression
        case closeExpression
        case openStatement
        case closeStatement
        /// A run of letters, digits and underscores. It may begin with a digit, as in `items.0`.
        case name(String)
        case string(String)
        case dot
        case pipe
        case comma
        case openParenthesis
        case closeParenthesis
        case other(Character)
        case end
    }

    var kind: Kind
    var position: TemplatePosition

    /// The token as error messages show it.
    var found: String {
        switch kind {
        case .text(let text): "the text \"\(text)\""
        case .openExpression: "\"{{\""
        case .closeExpression: "\"}}\""
        case .openStatement: "\"{%\""
        case .closeStatement: "\"%}\""
        case .name(let name): "\"\(name)\""
        case .string(let text): "the quoted text \"\(text)\""
        case .dot: "\".\""
        case .pipe: "\"|\""
        case .comma: "\",\""
        case .openParenthesis: "\"(\""
        case .closeParenthesis: "\")\""
        case .other(let character): "\"\(character)\""
        case .end: "the end of the template"
        }
    }
}
