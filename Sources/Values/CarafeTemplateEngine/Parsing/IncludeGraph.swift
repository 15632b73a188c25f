/// The graph of the includes among templates.
struct IncludeGraph {
    let names: [String]
    /// The nodes of each template. The target of an include is an index into `names`.
    let nodes: [[TemplateNode<Int>]]

    /// Resolves the includes, and throws if an included template does not exist.
    init(templates: [ParsedTemplate]) throws(TemplateError) {
        names = templates.map(\.name)
        let indexes = Dictionary(zip(names, names.indices)) { first, _ in first }
        var nodes: [[TemplateNode<Int>]] = []
        for template in templates {
            var resolved: [TemplateNode<Int>] = []
            for node in template.nodes {
                resolved.append(
                    try node.resolved { (name, position) throws(TemplateError) in
                        if let index = indexes[name] { return index }
                        let message = "expected one of the templates \(indexes.keys.listed), found \"\(name)\""
                        throw TemplateError(template: template.name, position: position, message: message)
                    })
            }
            nodes.append(resolved)
        }
        self.nodes = nodes
    }

    /// Returns the templates in an order in which each follows those that it includes. Throws if includes form a cycle.
    func insideOut() throws(TemplateError) -> [Int] {
        enum Mark { case unseen, open, done }
        var marks = Array(repeating: Mark.unseen, count: names.count)
        var order: [Int] = []
        for start in names.indices where marks[start] == .unseen {
            var path = [(template: start, rest: nodes[start][...])]
            marks[start] = .open
            while let template = path.last?.template {
                switch path[path.count - 1].rest.popFirst() {
                case .text, .substitution, .branch, .jump, .loop, .next: break
                case .include(let target, let position):
                    if marks[target] == .open { throw cycle(path.map(\.template), to: target, at: position) }
                    if marks[target] == .unseen {
                        marks[target] = .open
                        path.append((target, nodes[target][...]))
                    }
                case nil:
                    marks[template] = .done
                    order.append(template)
                    path.removeLast()
                }
            }
        }
        return order
    }

    private func cycle(_ path: [Int], to target: Int, at position: TemplatePosition) -> TemplateError {
        let cycle = path.drop { $0 != target }.map { names[$0] }
        let message =
            "expected an include that ends, found the cycle "
            + "\((cycle + [names[target]]).joined(separator: " > "))"
        return TemplateError(template: cycle.last ?? names[target], position: position, message: message)
    }
}
