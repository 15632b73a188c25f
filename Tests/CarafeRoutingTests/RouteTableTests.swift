import Testing

@testable import CarafeRouting

@Suite(.timeLimit(.minutes(10))) struct RouteTableTests {
    @Test("a literal wins over a converter over a string over a path in any order") func literalWinsOver() throws {
        let patterns = ["/x/me", "/x/<int:id>", "/x/<name>", "/x/<path:rest>"]
        for order in permutations(of: patterns) {
            let table = try makeTable(order)
            #expect(table.found("/x/me") == "/x/me", "\(order)")
            #expect(table.found("/x/5") == "/x/<int:id>", "\(order)")
            #expect(table.found("/x/ann") == "/x/<name>", "\(order)")
            #expect(table.found("/x/ann/5") == "/x/<path:rest>", "\(order)")
            #expect(table.found("/x/me/5") == "/x/<path:rest>", "\(order)")
        }
    }

    @Test("among converters int comes first") func amongConvertersIntComes() throws {
        for order in permutations(of: ["/<int:a>", "/<float:b>", "/<any:c>"]) {
            let table = try makeTable(order)
            #expect(table.found("/1") == "/<int:a>", "\(order)")
            #expect(table.found("/1.5") == "/<any:c>", "by name: any, then float")
        }
    }

    @Test("the tree remembers every branch until the end") func treeRemembersEvery() throws {
        for order in permutations(of: ["/a/<name>/x", "/<first>/b/y", "/<path:all>/z", "/a/b"]) {
            let table = try makeTable(order)
            #expect(table.found("/a/b/x") == "/a/<name>/x")
            #expect(table.found("/a/b/y") == "/<first>/b/y")
            #expect(table.found("/a/b/z") == "/<path:all>/z")
            #expect(table.found("/a/b") == "/a/b")
            #expect(table.found("/a/b/w") == nil)
        }
    }

    @Test("a duplicate names both routes") func duplicateNamesBoth() throws {
        let error = #expect(throws: RouteError.self) { try makeTable(["/a/<name>", "/b", "/a/<other>"]) }
        #expect(error?.description == "route GET /a/<other>: unreachable: GET /a/<name> takes the same requests")
    }

    @Test("methods and trailing slashes tell routes apart") func methodsAndTrailingSlashes() throws {
        let entries = try [("GET", "/a"), ("POST", "/a"), ("GET", "/a/")].map { method, pattern in
            RouteTable.Entry(key: .method(method), pattern: try PathPattern(pattern), value: method + pattern)
        }
        let table = try RouteTable(entries)
        #expect(table.found("/a", method: "POST") == "POST/a")
        #expect(table.found("/a/") == "GET/a/")
    }

    @Test("ten thousand routes match as they should") func tenThousandRoutesMatch() throws {
        let table = try makeTable((0..<10_000).map { "/r\($0)/<int:id>" })
        #expect(table.found("/r0/1") == "/r0/<int:id>")
        #expect(table.found("/r9999/1") == "/r9999/<int:id>")
        #expect(table.found("/r10000/1") == nil)
    }

    @Test("an empty table finds nothing") func emptyTableFinds() throws {
        #expect(try makeTable([]).found("/") == nil)
    }
}

/// A table of GET routes whose values are their patterns; `int` and `float` check their text.
func makeTable(_ patterns: [String], method: String = "GET") throws -> RouteTable<String> {
    try RouteTable(
        patterns.map { text in
            let pattern = try PathPattern(text)
            let accepts = pattern.parameters.map { parameter -> @Sendable (String) -> Bool in
                switch parameter.converter {
                case "int": { Int(pathSegment: $0) != nil }
                case "float": { Double(pathSegment: $0) != nil }
                default: { _ in true }
                }
            }
            return RouteTable.Entry(key: .method(method), pattern: pattern, accepts: accepts, value: text)
        })
}

extension RouteTable {
    func found(_ path: String, method: String = "GET") -> Value? {
        if case .found(let value, _) = match(.method(method), path: path) { value } else { nil }
    }
}

func permutations<Element>(of elements: [Element]) -> [[Element]] {
    guard let last = elements.last else { return [[]] }
    return permutations(of: elements.dropLast()).flatMap { shorter in
        (0...shorter.count).map { shorter[..<$0] + [last] + shorter[$0...] }
    }
}
