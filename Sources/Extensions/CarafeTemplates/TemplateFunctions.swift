import CarafeApp
import CarafeTemplateEngine

/// The app's functions, for a template that answers one request.
public struct TemplateFunctions: Sendable {
    private let request: Request

    init(for request: Request) {
        self.request = request
    }

    /// Runs the preparations of these functions.
    func prepare(_ names: Set<String>) async throws {
        let preparations = request.context.templatePreparations
        for name in names { try await preparations[name]?(request) }
    }

    /// What a function gives for these texts; nil where there is none of this name.
    public func call(_ name: String, _ arguments: [String]) throws -> (any Encodable & Sendable)? {
        try request.context.templateFunctions[name]?(request, arguments)
    }
}

/// What an app's templates may call, and how.
struct KnownFunctions: Sendable {
    let names: Set<String>
    let checks: [String: TemplateCheck]

    func check(_ templates: TemplateSet) throws {
        try templates.check(functions: names) { name, arguments in try checks[name]?(arguments) }
    }
}
