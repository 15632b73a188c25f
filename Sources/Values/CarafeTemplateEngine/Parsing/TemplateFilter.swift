/// The way in which a value becomes text.
enum TemplateFilter: Sendable {
    /// Escaped for HTML: the default, without a filter.
    case escaped
    case safe
    case json

    func write(text: String, to output: inout String) {
        switch self {
        case .escaped: output.append(escapingHTML: text)
        case .safe: output.append(text)
        case .json: output.append(JSONText(quoting: text).text)
        }
    }
}
