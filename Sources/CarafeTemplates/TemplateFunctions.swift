import CarafeApp

/// The app's functions, for a template that answers one request.
public struct TemplateFunctions: Sendable {
    private let request: Request

    init(for request: Request) {
        self.request = request
    }

    /// What a function gives for these texts; nil where there is none of this name.
    public func call(_ name: String, _ arguments: [String]) throws -> (any Encodable & Sendable)? {
        try request.context.templateFunctions[name]?(request, arguments)
    }
}
