import CarafeApp
import CarafeTemplateEngine

/// The functions of an app, called by a template for one request.
public struct TemplateFunctions: Sendable {
    private let request: Request
    /// The language of the page.
    let language: String

    init(for request: Request, in language: String) {
        self.request = request
        self.language = language
    }

    /// Runs the preparations of these functions.
    func prepare(_ names: Set<String>) async throws {
        let preparations = request.context.templatePreparations
        for name in names { try await preparations[name]?(request) }
    }

    /// Calls a function.
    ///
    /// - Returns: The result, or nil if there is no function of this name.
    /// - Throws: The error of the function.
    public func call(_ name: String, _ arguments: [String]) throws -> (any Encodable & Sendable)? {
        try request.context.templateFunctions[name]?(request, arguments)
    }
}

/// The functions that an app's templates may call, with their checks.
struct KnownFunctions: Sendable {
    let names: Set<String>
    let checks: [String: TemplateCheck]

    /// These, and `_` where the folder has words and the app has no function of that name.
    func with(_ words: Words) -> KnownFunctions {
        guard !words.languages.isEmpty, !names.contains(Words.function) else { return self }
        var checks = checks
        checks[Words.function] = { try words.check($0) }
        return KnownFunctions(names: names.union([Words.function]), checks: checks)
    }

    func check(_ templates: TemplateSet) throws {
        try templates.check(functions: names) { name, arguments in try checks[name]?(arguments) }
    }
}
