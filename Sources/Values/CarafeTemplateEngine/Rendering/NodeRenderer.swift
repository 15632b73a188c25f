/// A renderer of templates whose includes are known to exist and to end.
struct NodeRenderer: Sendable {
    private let nodes: [[TemplateNode<Int>]]
    /// The expected sizes of the output in bytes, includes counted in.
    private let expectedSizes: [Int]
    /// The names of the functions that each template may call, includes counted in.
    let functions: [Set<String>]

    /// Creates a renderer, and throws if includes form a cycle.
    init(_ graph: IncludeGraph) throws(TemplateError) {
        var sizes = Array(repeating: 0, count: graph.nodes.count)
        var functions = Array(repeating: Set<String>(), count: graph.nodes.count)
        for template in try graph.insideOut() {
            for node in graph.nodes[template] {
                let size =
                    switch node {
                    case .text(let text): text.utf8.count
                    // An estimate for names, numbers and short sentences.
                    case .substitution: 24
                    case .include(let target, _): sizes[target]
                    case .branch, .jump, .loop, .next: 0
                    }
                // The limit keeps the sum from overflowing where includes double at every level.
                sizes[template] = min(sizes[template] + size, 1 << 20)
                if let call = node.call { functions[template].insert(call.name) }
                if case .include(let target, _) = node { functions[template].formUnion(functions[target]) }
            }
        }
        nodes = graph.nodes
        expectedSizes = sizes
        self.functions = functions
    }

    func render(
        _ template: Int, _ context: TemplateValue, call: @escaping TemplateCaller = { _, _ in nil }
    ) throws(TemplateError) -> String {
        var output = ""
        output.reserveCapacity(expectedSizes[template])
        var scope = TemplateScope(context: context, call: call)
        var place = (nodes: nodes[template], index: 0)
        var outer: [(nodes: [TemplateNode<Int>], index: Int)] = []
        while true {
            guard place.index < place.nodes.count else {
                guard let next = outer.popLast() else { return output }
                place = next
                continue
            }
            place.index += 1
            switch place.nodes[place.index - 1] {
            case .text(let text): output.append(text)
            case .substitution(let substitution): try substitution.write(scope, to: &output)
            case .include(let target, _):
                outer.append(place)
                place = (nodes[target], 0)
            case .branch(let condition, let otherwise):
                if try !condition.holds(in: scope) { place.index = otherwise }
            case .jump(let target): place.index = target
            case .loop(let variable, let list, let end):
                let elements = try list.elements(in: scope)
                if elements.isEmpty {
                    place.index = end
                } else {
                    scope.enter(.init(variable: variable, elements: elements))
                }
            case .next(let body):
                if scope.advance() { place.index = body }
            }
        }
    }
}

extension TemplateExpression {
    /// Returns the elements over which a loop iterates.
    fileprivate func elements(in scope: borrowing TemplateScope) throws(TemplateError) -> [TemplateValue] {
        let value = try value(in: scope)
        guard case .array(let elements) = value else {
            throw error("expected an array in \"\(name)\" to go over, found \(value.kind)")
        }
        return elements
    }
}
