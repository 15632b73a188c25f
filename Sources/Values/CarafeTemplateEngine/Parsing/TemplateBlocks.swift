/// The blocks that are open at one place of a template, while its nodes are made.
struct TemplateBlocks {
    private enum Kind: String {
        case condition = "if"
        case otherwise = "else"
        case loop = "for"
    }

    private struct Block {
        var kind: Kind
        /// The node that does not know yet how far to jump.
        var node: Int
        var position: TemplatePosition
    }

    /// The greatest depth to which blocks nest.
    private static let depthLimit = 64

    private let template: String
    private var open: [Block] = []

    init(template: String) {
        self.template = template
    }

    mutating func begin(
        if condition: TemplateCondition, at position: TemplatePosition, _ nodes: inout [TemplateNode<String>]
    ) throws(TemplateError) {
        try enter(Block(kind: .condition, node: nodes.count, position: position))
        nodes.append(.branch(condition, otherwise: 0))
    }

    mutating func begin(
        for variable: String, in list: TemplateExpression, at position: TemplatePosition,
        _ nodes: inout [TemplateNode<String>]
    ) throws(TemplateError) {
        try enter(Block(kind: .loop, node: nodes.count, position: position))
        nodes.append(.loop(variable: variable, list, end: 0))
    }

    private mutating func enter(_ block: Block) throws(TemplateError) {
        guard open.count < Self.depthLimit else {
            throw TemplateError(
                template: template, position: block.position,
                message: "expected at most \(Self.depthLimit) blocks inside each other, found one more")
        }
        open.append(block)
    }

    /// Handles `{% else %}`.
    mutating func beginOtherwise(
        at position: TemplatePosition, _ nodes: inout [TemplateNode<String>]
    ) throws(TemplateError) {
        guard let block = open.last, block.kind == .condition else { throw misplaced("else", at: position) }
        open[open.count - 1] = Block(kind: .otherwise, node: nodes.count, position: block.position)
        nodes.append(.jump(to: 0))
        close(block.node, &nodes)
    }

    /// Handles `{% endif %}`.
    mutating func endCondition(
        at position: TemplatePosition, _ nodes: inout [TemplateNode<String>]
    ) throws(TemplateError) {
        guard let block = open.last, block.kind != .loop else { throw misplaced("endif", at: position) }
        open.removeLast()
        close(block.node, &nodes)
    }

    /// Handles `{% endfor %}`.
    mutating func endLoop(at position: TemplatePosition, _ nodes: inout [TemplateNode<String>]) throws(TemplateError) {
        guard let block = open.last, block.kind == .loop else { throw misplaced("endfor", at: position) }
        open.removeLast()
        nodes.append(.next(body: block.node + 1))
        close(block.node, &nodes)
    }

    /// Checks at the end of the template that no block is open.
    func end() throws(TemplateError) {
        guard let block = open.last else { return }
        throw TemplateError(
            template: template, position: block.position,
            message: "expected \(Self.ending(of: block)) for the block opened here, found the end of the template")
    }

    /// Sets the end of the nodes that a node jumps over.
    private func close(_ node: Int, _ nodes: inout [TemplateNode<String>]) {
        switch nodes[node] {
        case .branch(let condition, _): nodes[node] = .branch(condition, otherwise: nodes.count)
        case .jump: nodes[node] = .jump(to: nodes.count)
        case .loop(let variable, let list, _): nodes[node] = .loop(variable: variable, list, end: nodes.count)
        case .text, .substitution, .include, .next: break
        }
    }

    private func misplaced(_ word: String, at position: TemplatePosition) -> TemplateError {
        let expected = open.last.map {
            "\(Self.ending(of: $0)) for the \($0.kind.rawValue) of line \($0.position.line)"
        }
        return TemplateError(
            template: template, position: position,
            message: "expected \(expected ?? "if or for before it"), found \"\(word)\"")
    }

    private static func ending(of block: Block) -> String {
        block.kind == .loop ? "{% endfor %}" : "{% endif %}"
    }
}
