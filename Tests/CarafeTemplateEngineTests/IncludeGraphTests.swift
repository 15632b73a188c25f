import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct IncludeGraphTests {
    /// Templates whose sources are just includes of the named others.
    private func graph(_ includes: [(String, [String])]) throws -> IncludeGraph {
        let templates = try includes.map { name, targets in
            try ParsedTemplate(name: name, source: targets.map { "{% include \"\($0)\" %}\n" }.joined())
        }
        return try IncludeGraph(templates: templates)
    }

    @Test("resolves includes to indexes") func resolvesIncludesToIndexes() throws {
        let graph = try graph([("a", ["b", "c"]), ("b", []), ("c", [])])
        let targets = graph.nodes[0].compactMap { if case .include(let target, _) = $0 { target } else { nil } }
        #expect(targets == [1, 2])
        #expect(graph.names == ["a", "b", "c"])
    }

    @Test("orders included templates first") func ordersIncludedTemplatesFirst() throws {
        #expect(try graph([]).insideOut() == [])
        #expect(try graph([("a", ["b"]), ("b", ["c"]), ("c", [])]).insideOut() == [2, 1, 0])
        #expect(try graph([("a", []), ("b", ["a"]), ("c", ["b", "a", "b"])]).insideOut() == [0, 1, 2])
    }

    @Test("allows many ways to one template") func allowsManyWays() throws {
        #expect(
            try graph([("a", ["b", "c"]), ("b", ["d"]), ("c", ["d", "d"]), ("d", [])]).insideOut() == [3, 1, 2, 0])
    }

    @Test("names an include without a template") func namesAnIncludeWithout() throws {
        let error = #expect(throws: TemplateError.self) { try graph([("a", ["b", "d"]), ("b", [])]) }
        #expect(error?.description == "a:2:12: expected one of the templates a, b, found \"d\"")
    }

    @Test("names the cycle") func namesTheCycle() throws {
        let own = #expect(throws: TemplateError.self) { try graph([("a", ["a"])]).insideOut() }
        #expect(own?.description == "a:1:12: expected an include that ends, found the cycle a > a")
        let long = #expect(throws: TemplateError.self) {
            try graph([("a", ["e", "b"]), ("b", ["c"]), ("c", ["e", "d"]), ("d", ["b"]), ("e", [])]).insideOut()
        }
        #expect(long?.description == "d:1:12: expected an include that ends, found the cycle b > c > d > b")
    }

    // Recursion would run out of stack here.
    @Test("follows a long chain") func followsALongChain() throws {
        let count = 20_000
        let graph = try graph((0..<count).map { ("\($0)", $0 + 1 < count ? ["\($0 + 1)"] : []) })
        #expect(try graph.insideOut() == Array((0..<count).reversed()))
    }
}
