import CarafeHTTP
import FoundationEssentials

/// The texts of a folder's templates in other languages.
///
/// A template has a text in its own language, `{{ _("Send") }}`; beside it `words.zh.json` has `{"Send": "发送"}`.
struct Words: Sendable {
    /// The function that templates call, named as in gettext and in Flask-Babel.
    static let function = "_"

    /// By language, then by the text in the templates.
    private let translations: [String: [String: String]]

    /// - Parameter translations: By language, the translation of each text.
    init(_ translations: [String: [String: String]]) {
        self.translations = translations
    }

    var languages: [String] { translations.keys.sorted() }

    /// The language of a file of words: "zh" for `words.zh.json`, nil for any other file.
    static func language(ofFile name: String) -> String? {
        let parts = name[...].bytes(splitAt: ".")
        guard parts.count == 3, parts[0] == "words", parts[2] == "json" else { return nil }
        return String(parts[1])
    }

    /// Returns the translation of a text, or the text itself where the language is that of the templates.
    func text(_ arguments: [String], in language: String) throws(WordsError) -> String {
        let text = try Self.text(arguments)
        return translations[language]?[text] ?? text
    }

    /// Throws for a text without a translation into each of the languages.
    func check(_ arguments: [String]) throws(WordsError) {
        let text = try Self.text(arguments)
        for language in languages where translations[language]?[text] == nil {
            throw WordsError(description: "expected \(text.debugDescription) in words.\(language).json, found none")
        }
    }

    private static func text(_ arguments: [String]) throws(WordsError) -> String {
        guard arguments.count == 1 else {
            throw WordsError(description: "expected \(function)(\"a text\"), found \(arguments.count) arguments")
        }
        return arguments[0]
    }
}

/// A call of `_` that has no answer.
struct WordsError: Error, Equatable, CustomStringConvertible {
    let description: String
}
