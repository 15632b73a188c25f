/// Writes templates whose includes are known to exist and to end.
struct TemplateRenderer: Sendable {
    private let nodes: [[TemplateNode<Int>]]
    /// In bytes, includes counted in.
    private let expectedSizes: [Int]

    /// Throws when includes form a cycle.
    init(_ graph: IncludeGraph) throws(TemplateError) {
        var sizes = Array(repeating: 0, count: graph.nodes.count)
        for template in try graph.insideOut() {
            for node in graph.nodes[template] {
                let size =
                    switch node {
                    case .text(let text): text.utf8.count
                    // A guess: names, numbers and short sentences.
                    case .substitution: 24
                    case .include(let target, _): sizes[target]
                    }
                // The limit keeps includes that double at every level from overflowing the sum.
                sizes[template] = min(sizes[template] + size, 1 << 20)
            }
        }
        nodes = graph.nodes
        expectedSizes = sizes
    }

    func render(_ template: Int, _ context: TemplateValue) throws(TemplateError) -> String {
        var output = ""
        output.reserveCapacity(expectedSizes[template])
        var rest = nodes[template][...]
        var outer: [ArraySlice<TemplateNode<Int>>] = []
        while true {
            switch rest.popFirst() {
            case .text(let text): output.append(text)
            case .substitution(let substitution): try substitution.write(context, to: &output)
            case .include(let target, _):
                outer.append(rest)
                rest = nodes[target][...]
            case nil:
                guard let next = outer.popLast() else { return output }
                rest = next
            }
        }
    }
}
