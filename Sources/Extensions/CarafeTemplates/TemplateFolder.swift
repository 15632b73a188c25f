import CarafeHTTP
import CarafeTemplateEngine
import FoundationEssentials
import Synchronization

/// The templates of a folder, parsed when they are read.
final class TemplateFolder: TemplateRenderer {
    private struct Content: Sendable {
        var templates: TemplateSet
        /// The path and the time of the last change of each file, to detect changes.
        var stamps: [String: Date]
        /// The other languages of each template, by its name without a language.
        var languages: [String: [String]]
        var words: Words

        func check(_ functions: KnownFunctions) throws {
            try functions.with(words).check(templates)
        }
    }

    let path: String
    private let content: Mutex<Content>

    init(_ folder: String) throws {
        path = folder
        content = Mutex(try Self.read(folder))
    }

    func render(_ name: String, _ values: TemplateValues) throws -> String {
        try render(name, values) { _, _ in nil }
    }

    func render(_ name: String, _ values: TemplateValues, functions: TemplateFunctions) throws -> String {
        let words = content.withLock { $0.words }
        return try render(name, values) { name, arguments in
            if let value = try functions.call(name, arguments) { return try TemplateValue(encoding: value) }
            guard name == Words.function else { return nil }
            return .string(try words.text(arguments, in: functions.language))
        }
    }

    private func render(_ name: String, _ values: TemplateValues, call: @escaping TemplateCaller) throws -> String {
        let templates = content.withLock { $0.templates }
        switch values {
        case .named(let values): return try templates.render(name, values, call: call)
        case .one(let value): return try templates.render(name, value, call: call)
        }
    }

    func functions(of name: String) -> Set<String> {
        content.withLock { $0.templates }.functions(of: name)
    }

    /// Throws if a template calls a function that does not exist.
    func check(_ functions: KnownFunctions) throws {
        try content.withLock { $0 }.check(functions)
    }

    /// The languages that a page has beside that of the templates: by files of its own, and by words if it has some.
    func languages(of name: String) -> [String] {
        let content = content.withLock { $0 }
        let files = content.languages[name] ?? []
        guard content.templates.functions(of: name).contains(Words.function) else { return files }
        return files + content.words.languages.filter { !files.contains($0) }
    }

    /// The template of a page in a language: one of its own, or the one for all.
    func file(of name: String, in language: String) -> String {
        content.withLock { $0.languages[name]?.contains(language) } == true ? Self.name(name, in: language) : name
    }

    /// Reads the folder again if a file was changed, added or removed, and checks it as at the start.
    func refresh(_ functions: KnownFunctions) throws {
        let stamps = try Self.stamps(of: path)
        try content.withLock { content in
            guard content.stamps != stamps else { return }
            let changed = try Self.read(path)
            try changed.check(functions)
            content = changed
        }
    }

    /// Returns the name of a template in a language: `chat.html` in `zh` is `chat.zh.html`.
    static func name(_ name: String, in language: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return "\(name).\(language)" }
        return "\(name[..<dot]).\(language)\(name[dot...])"
    }

    private static func read(_ folder: String) throws -> Content {
        let stamps = try stamps(of: folder)
        var sources: [String: String] = [:]
        var words: [String: [String: String]] = [:]
        for name in stamps.keys {
            guard let text = String(validating: try Data(contentsOf: URL(filePath: "\(folder)/\(name)")), as: UTF8.self)
            else {
                throw TemplateFolderError(path: absolute("\(folder)/\(name)"), problem: "expected text in UTF-8")
            }
            if let language = Words.language(ofFile: name) {
                words[language] = try Self.words(text, from: "\(folder)/\(name)")
            } else {
                sources[name] = text
            }
        }
        return Content(
            templates: try TemplateSet(sources: sources), stamps: stamps,
            languages: languages(among: sources.keys.sorted()), words: Words(words)
        )
    }

    private static func words(_ text: String, from path: String) throws -> [String: String] {
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        } catch {
            throw TemplateFolderError(
                path: absolute(path), problem: "expected a JSON object that has a text for each text")
        }
    }

    private static func languages(among names: [String]) -> [String: [String]] {
        var languages: [String: [String]] = [:]
        for name in names {
            let parts = name[...].bytes(splitAt: ".")
            guard parts.count >= 3 else { continue }
            let plain = (parts.dropLast(2) + parts.suffix(1)).joined(separator: ".")
            if names.contains(plain) { languages[plain, default: []].append(String(parts[parts.count - 2])) }
        }
        return languages
    }

    private static func stamps(of folder: String) throws -> [String: Date] {
        let files = FileManager.default
        var isDirectory = false
        guard files.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory else {
            throw TemplateFolderError(path: absolute(folder), problem: "expected a folder, found none")
        }
        var stamps: [String: Date] = [:]
        for name in try files.subpathsOfDirectory(atPath: folder) where !isHidden(name) {
            let attributes = try files.attributesOfItem(atPath: "\(folder)/\(name)")
            guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
            stamps[name] = attributes[.modificationDate] as? Date
        }
        return stamps
    }

    private static func isHidden(_ path: String) -> Bool {
        path[...].bytes(splitAt: "/").contains { $0.hasBytePrefix(".") }
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}

/// An error for a template folder, or a file in it, that cannot be read.
public struct TemplateFolderError: Error, Equatable, CustomStringConvertible {
    /// The absolute path.
    public var path: String
    /// The reason.
    public var problem: String

    /// A description with the path and the reason.
    public var description: String { "\(path): \(problem)" }
}
