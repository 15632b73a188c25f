/// A set of templates that may include each other, checked and ready to render. It is immutable, and so safe to share.
package struct TemplateSet: Sendable {
    private let indexes: [String: Int]
    private let renderer: NodeRenderer
    /// The calls in all templates, each once.
    private let calls: [TemplateCall]

    /// Parses all templates and checks their includes.
    ///
    /// - Parameter sources: The sources by name.
    /// - Throws: `TemplateError` for the first fault, in the order of names: a fault in a source, an include of a
    ///   template that does not exist, or a cycle of includes.
    package init(sources: [String: String]) throws(TemplateError) {
        var templates: [ParsedTemplate] = []
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            templates.append(try ParsedTemplate(name: name, source: source))
        }
        let graph = try IncludeGraph(templates: templates)
        renderer = try NodeRenderer(graph)
        calls = graph.nodes.joined().compactMap(\.call)
        indexes = Dictionary(uniqueKeysWithValues: zip(graph.names, graph.names.indices))
    }

    /// The names of all templates, in order.
    package var names: [String] {
        indexes.keys.sorted()
    }

    /// Returns the names of the functions that a template, and those that it includes, may call.
    package func functions(of name: String) -> Set<String> {
        indexes[name].map { renderer.functions[$0] } ?? []
    }

    /// Checks the calls of functions in all templates.
    ///
    /// - Parameters:
    ///   - functions: The names of the functions that exist.
    ///   - check: Throws for a call with bad arguments, if they are all literals.
    /// - Throws: `TemplateError`, with the position of the call.
    package func check(
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
    /// - Parameters:
    ///   - name: The template.
    ///   - context: The values.
    ///   - call: Responds to the calls of functions.
    /// - Throws: `TemplateError` if there is no such template, a variable is missing, or its filter cannot write it,
    ///   and for a call that fails.
    package func render(
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
    /// - Throws: As ``render(_:_:call:)``, and the error of an `encode(to:)` in the context.
    package func render(
        _ name: String, _ context: some Encodable, call: @escaping TemplateCaller = { _, _ in nil }
    ) throws -> String {
        try render(name, TemplateValue(encoding: context), call: call)
    }

    /// Renders a template with values of several types: `["name": name, "count": 3]`.
    ///
    /// - Throws: As ``render(_:_:call:)``, and the error of an `encode(to:)` in the context.
    package func render(
        _ name: String, _ context: [String: any Encodable], call: @escaping TemplateCaller = { _, _ in nil }
    ) throws -> String {
        try render(name, TemplateValue(encoding: context), call: call)
    }
}
