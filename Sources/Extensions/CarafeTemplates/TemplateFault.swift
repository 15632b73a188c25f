import CarafeApp
import CarafeTemplateEngine
import FoundationEssentials

/// A fault in a template, with the lines around its position.
struct TemplateFault: SourceExplained, CustomStringConvertible {
    let error: TemplateError
    let excerpt: SourceExcerpt?

    /// Reads the lines from the template's file.
    init(_ error: TemplateError, folder: String) {
        self.error = error
        let file = "\(folder)/\(error.template)"
        excerpt = error.position.flatMap { position in
            guard let bytes = try? Data(contentsOf: URL(filePath: file)) else { return nil }
            return SourceExcerpt(
                of: String(decoding: bytes, as: UTF8.self), file: file, line: position.line, column: position.column)
        }
    }

    var description: String { error.description }
}
