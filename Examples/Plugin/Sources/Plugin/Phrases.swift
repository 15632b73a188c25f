public import Carafe

/// Texts of pages in several languages: `{{ phrase("greeting") }}` in a template.
///
/// ```swift
/// try app.install(Phrases(["greeting": ["en": "Hello", "de": "Hallo"]]))
/// ```
///
/// The call of a phrase that does not exist is an error when the app is built, with its place in the template.
public struct Phrases: Extension {
    private let texts: [String: KeyValuePairs<String, String>]

    /// Creates an extension with its phrases.
    ///
    /// - Parameter texts: The texts of each phrase by language; the first one goes to readers of other languages.
    public init(_ texts: [String: KeyValuePairs<String, String>]) {
        self.texts = texts
    }

    /// Adds the template function.
    public func install(in app: inout App) {
        app.templateFunctions["phrase"] = { request, arguments in try text(arguments, for: request) }
        app.templateChecks["phrase"] = { arguments in _ = try variants(arguments) }
    }

    private func text(_ arguments: [String], for request: Request) throws -> String {
        let variants = try variants(arguments)
        let language = request.language(among: variants.map(\.key)) ?? variants[0].key
        return variants.first { $0.key == language }?.value ?? ""
    }

    private func variants(_ arguments: [String]) throws(PhraseError) -> KeyValuePairs<String, String> {
        guard arguments.count == 1 else { throw .arguments(arguments) }
        guard let variants = texts[arguments[0]], !variants.isEmpty else { throw .unknown(arguments[0]) }
        return variants
    }
}

/// An error in a call of `phrase` in a template.
public enum PhraseError: Error, Equatable, CustomStringConvertible {
    /// There is no phrase of this name.
    case unknown(String)
    /// The call does not have exactly one argument.
    case arguments([String])

    /// A description with the expected and the found.
    public var description: String {
        switch self {
        case .unknown(let name): "expected the name of a phrase, found \"\(name)\""
        case .arguments(let found): "expected phrase(\"name\"), found \(found.count) arguments"
        }
    }
}
