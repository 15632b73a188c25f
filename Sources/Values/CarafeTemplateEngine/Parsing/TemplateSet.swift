/// Templates that may include each other, checked and ready to render; immutable, so safe to share.
public struct TemplateSet: Sendable {
    private let indexes: [String: Int]
    private let renderer: TemplateRenderer
    /// All of them, each once.
    private let calls: [TemplateCall]

    /// Parses all templates, by name, and checks their includes.
    ///
    /// Throws the first fault, in the order of the names: one in a source, an include that names no template, or
    /// includes that form a cycle.
    public init(sources: [String: String]) throws(TemplateError) {
        var templates: [Template] = []
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            templates.append(try Template(name: name, source: source))
        }
        let graph = try IncludeGraph(templates: templates)
        renderer = try TemplateRenderer(graph)
        calls = graph.nodes.joined().compactMap(\.call)
        indexes = Dictionary(uniqueKeysWithValues: zip(graph.names, graph.names.indices))
    }

    /// The names of all templates, in order.
    public var names: [String] {
        indexes.keys.sorted()
    }

    /// The names of the functions that a template and those that it includes may call.
    public func functions(of name: String) -> Set<String> {
        indexes[name].map { renderer.functions[$0] } ?? []
    }

    /// Throws where a template calls a function that is none of these, or one with texts that `check` throws for.
    public func check(
        functions: Set<String>, _ check: (_ name: String, _ arguments: [String]) throws -> Void = { _, _ in }
    ) throws(TemplateError) {
        for call in calls where !functions.contains(call.name) {
            let known = functions.isEmpty ? "an app with functions" : "one of the functions \(functions.listed)"
            throw call.error("expected \(known), found \"\(call.name)\"")
        }
        for call in calls {
            guard let texts = call.texts else { continue }
            do { try check(call.name, texts) } catch { throw call.error("the call of \(call.name) is wrong: \(error)") }
        }
    }

    /// Renders a template with the values of a context, usually a ``TemplateValue/object(_:)``.
    ///
    /// `call` answers the calls. Throws when there is no such template, when a variable is missing or cannot be written
    /// by its filter, and when a call fails.
    public func render(
        _ name: String, _ context: TemplateValue = [:], call: @escaping TemplateCaller = { _, _ in nil }
    ) throws(TemplateError) -> String {
        guard let index = indexes[name] else {
            let found = indexes.isEmpty ? "no templates at all" : "only \(indexes.keys.listed)"
            throw TemplateError(
                template: name, position: nil, message: "expected a template of this name, found \(found)")
        }
        return try renderer.render(index, context, call: call)
    }

    /// Renders a template with the properties of a type of yours, or any other encodable context.
    ///
    /// Also throws an `EncodingError`, or what an `encode(to:)` in the context throws.
    public func render(
        _ name: String, _ context: some Encodable, call: @escaping TemplateCaller = { _, _ in nil }
    ) throws -> String {
        try render(name, TemplateValue(encoding: context), call: call)
    }

    /// Renders a template with values of several types: `["name": name, "count": 3]`.
    ///
    /// Also throws an `EncodingError`, or what an `encode(to:)` in the context throws.
    public func render(
        _ name: String, _ context: [String: any Encodable], call: @escaping TemplateCaller = { _, _ in nil }
    ) throws -> String {
        try render(name, TemplateValue(encoding: context), call: call)
    }
}
