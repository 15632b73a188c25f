/// A lexer that cuts a template's source into tokens, on demand and in one pass.
struct TemplateLexer {
    private let template: String
    private let source: String
    private var index: String.Index
    private var isInsideTag = false

    // Positions are counted forward from the last token, so that many tags on one long line take linear time.
    private var countedIndex: String.Index
    private var line = 1
    private var column = 1

    init(template: String, source: String) {
        var source = source
        source.makeContiguousUTF8()
        self.template = template
        self.source = source
        index = source.startIndex
        countedIndex = index
    }

    mutating func next() throws(TemplateError) -> TemplateToken {
        isInsideTag ? try nextInsideTag() : try nextOutsideTag()
    }

    // MARK: Outside of tags

    private enum Opener {
        case expression, statement, comment
    }

    private mutating func nextOutsideTag() throws(TemplateError) -> TemplateToken {
        while let opener = opener(at: index) {
            switch opener {
            case .comment: try skipComment()
            case .expression: return open(.openExpression)
            case .statement: return open(.openStatement)
            }
        }
        let position = countPosition()
        let start = index
        while index < source.endIndex, opener(at: index) == nil {
            source.utf8.formIndex(after: &index)
        }
        let kind: TemplateToken.Kind = start == index ? .end : .text(String(source[start..<index]))
        return TemplateToken(kind: kind, position: position)
    }

    private func opener(at index: String.Index) -> Opener? {
        guard index < source.endIndex, source.utf8[index] == UInt8(ascii: "{") else { return nil }
        let next = source.utf8.index(after: index)
        guard next < source.endIndex else { return nil }
        return switch source.utf8[next] {
        case UInt8(ascii: "{"): .expression
        case UInt8(ascii: "%"): .statement
        case UInt8(ascii: "#"): .comment
        default: nil
        }
    }

    private mutating func open(_ kind: TemplateToken.Kind) -> TemplateToken {
        let position = countPosition()
        skipBytes(2)
        isInsideTag = true
        return TemplateToken(kind: kind, position: position)
    }

    private mutating func skipComment() throws(TemplateError) {
        let position = countPosition()
        skipBytes(2)
        while !isAt("#", "}") {
            guard index < source.endIndex else {
                let message = "expected \"#}\" to close the comment opened here, found the end of the template"
                throw TemplateError(template: template, position: position, message: message)
            }
            skipBytes(1)
        }
        skipBytes(2)
    }

    // MARK: Inside of tags

    private mutating func nextInsideTag() throws(TemplateError) -> TemplateToken {
        skip { $0.properties.isWhitespace }
        let position = countPosition()
        return TemplateToken(kind: try nextKindInsideTag(at: position), position: position)
    }

    private mutating func nextKindInsideTag(at position: TemplatePosition) throws(TemplateError) -> TemplateToken.Kind {
        guard index < source.endIndex else { return .end }
        if isAt("}", "}") { return close(.closeExpression) }
        if isAt("%", "}") { return close(.closeStatement) }
        let scalar = source.unicodeScalars[index]
        switch scalar {
        case ".": return sign(.dot)
        case "|": return sign(.pipe)
        case ",": return sign(.comma)
        case "(": return sign(.openParenthesis)
        case ")": return sign(.closeParenthesis)
        case "\"":
            return try string(at: position)
        case _ where scalar.properties.isIDContinue:
            let start = index
            skip { $0.properties.isIDContinue }
            return .name(String(source[start..<index]))
        default:
            let character = source[index]
            source.unicodeScalars.formIndex(after: &index)
            return .other(character)
        }
    }

    private mutating func sign(_ kind: TemplateToken.Kind) -> TemplateToken.Kind {
        skipBytes(1)
        return kind
    }

    private mutating func close(_ kind: TemplateToken.Kind) -> TemplateToken.Kind {
        skipBytes(2)
        isInsideTag = false
        return kind
    }

    private mutating func string(at position: TemplatePosition) throws(TemplateError) -> TemplateToken.Kind {
        skipBytes(1)
        let start = index
        skip { $0 != "\"" && $0 != "\n" && $0 != "\r" }
        guard index < source.endIndex, source.unicodeScalars[index] == "\"" else {
            let end = index < source.endIndex ? "the end of the line" : "the end of the template"
            let message = "expected a second \" to close the text opened here, found \(end)"
            throw TemplateError(template: template, position: position, message: message)
        }
        let text = String(source[start..<index])
        skipBytes(1)
        return .string(text)
    }

    // MARK: Moving

    private func isAt(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
        guard index < source.endIndex, source.utf8[index] == UInt8(ascii: first) else { return false }
        let next = source.utf8.index(after: index)
        return next < source.endIndex && source.utf8[next] == UInt8(ascii: second)
    }

    private mutating func skipBytes(_ count: Int) {
        source.utf8.formIndex(&index, offsetBy: count)
    }

    private mutating func skip(while isSkipped: (Unicode.Scalar) -> Bool) {
        while index < source.endIndex, isSkipped(source.unicodeScalars[index]) {
            source.unicodeScalars.formIndex(after: &index)
        }
    }

    private mutating func countPosition() -> TemplatePosition {
        for character in source[countedIndex..<index] {
            if character == "\n" || character == "\r\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        countedIndex = index
        return TemplatePosition(line: line, column: column)
    }
}
