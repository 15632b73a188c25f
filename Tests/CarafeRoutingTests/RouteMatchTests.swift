import Testing

@testable import CarafeRouting

@Suite(.timeLimit(.minutes(10))) struct RouteMatchTests {
    @Test("returns the decoded arguments in order") func givesTheDecodedArguments() throws {
        let table = try makeTable(["/<a>/x/<int:b>/<path:c>"])
        #expect(table.arguments("/caf%C3%A9%20au/x/5/d%20e/f") == ["café au", "5", "d e/f"])
    }

    @Test("an encoded slash stays inside its segment") func encodedSlashStays() throws {
        let table = try makeTable(["/<name>", "/<a>/<b>"])
        #expect(table.found("/a%2Fb") == "/<name>")
        #expect(table.arguments("/a%2Fb") == ["a/b"])
        #expect(table.found("/a/b") == "/<a>/<b>")
    }

    @Test("literals are compared decoded") func literalsAreComparedDecoded() throws {
        let table = try makeTable(["/群聊", "/a b"])
        #expect(table.found("/%E7%BE%A4%e8%81%8a") == "/群聊")
        #expect(table.found("/a%20b") == "/a b")
        #expect(table.found("/%61%20b") == "/a b")
    }

    @Test("a parameter is never empty") func parameterIsNever() throws {
        let table = try makeTable(["/a/<name>", "/b/<path:rest>", "/<x>/c"])
        #expect(table.found("/a/") == nil)
        #expect(table.found("/b/") == nil)
        #expect(table.found("/b") == nil)
        #expect(table.found("//c") == nil)
    }

    @Test("a segment that does not convert does not match") func segmentThatDoes() throws {
        let table = try makeTable(["/x/<int:id>"])
        #expect(table.isNotFound("/x/abc"))
        #expect(table.found("/x/12") != nil)
    }

    @Test(
        "a path may stand in the middle",
        arguments: [
            ("/f/a/raw", ["a"]), ("/f/a/b/c/raw", ["a/b/c"]), ("/f/raw/raw", ["raw"]), ("/f/a/raw/raw", ["a/raw"]),
            ("/f/a%2Fb/raw", ["a/b"]),
        ])
    func pathMayStand(path: String, arguments: [String]) throws {
        #expect(try makeTable(["/f/<path:p>/raw"]).arguments(path) == arguments)
    }

    @Test("a path in the middle needs at least one segment") func aPath() throws {
        let table = try makeTable(["/f/<path:p>/raw"])
        #expect(table.isNotFound("/f/raw"))
        #expect(table.isNotFound("/f//raw"))
        #expect(table.isNotFound("/f/a/b"))
    }

    @Test("a path in the middle yields to the rest of the pattern") func pathInTheMiddle() throws {
        let table = try makeTable(["/f/<path:p>/v/<int:n>", "/f/<path:p>"])
        #expect(table.arguments("/f/a/b/v/3") == ["a/b", "3"])
        #expect(table.arguments("/f/a/b/v/x") == ["a/b/v/x"])
        #expect(table.arguments("/f/v/v/3") == ["v", "3"])
        #expect(table.arguments("/f/v/3") == ["v/3"])
    }

    @Test("a path at the end keeps its last slash") func pathAtTheEnd() throws {
        #expect(try makeTable(["/f/<path:p>"]).arguments("/f/a/") == ["a/"])
    }

    @Test("RFC 9110 §15.5.6: the methods of all routes of a path") func listsTheAllowedMethods() throws {
        let table = try RouteTable([
            .init(key: .method("GET"), pattern: PathPattern("/x/me"), value: 1),
            .init(key: .method("PUT"), pattern: PathPattern("/x/<name>"), accepts: [{ _ in true }], value: 2),
            .init(key: .method("DELETE"), pattern: PathPattern("/y"), value: 3),
        ])
        guard case .methodNotAllowed(let allowed) = table.match(.method("POST"), path: "/x/me") else {
            Issue.record("expected methodNotAllowed")
            return
        }
        #expect(allowed == [.method("GET"), .method("PUT")])
        #expect(table.found("/x/me", method: "PUT") == 2)
        #expect(table.isNotFound("/z", method: "POST"))
    }

    @Test("RFC 9110 §9.3.2: HEAD takes the route of GET, unless it has its own") func answersHEAD() throws {
        let own = try RouteTable([
            .init(key: .method("GET"), pattern: PathPattern("/a"), value: "get"),
            .init(key: .method("HEAD"), pattern: PathPattern("/a"), value: "head"),
            .init(key: .method("GET"), pattern: PathPattern("/b"), value: "get"),
            .init(key: .method("POST"), pattern: PathPattern("/c"), value: "post"),
        ])
        #expect(own.found("/a", method: "HEAD") == "head")
        #expect(own.found("/b", method: "HEAD") == "get")
        #expect(own.found("/c", method: "HEAD") == nil)
    }

    @Test("any method takes what no other takes") func anyMethodTakes() throws {
        let table = try RouteTable([
            .init(key: .any, pattern: PathPattern("/a"), value: "any"),
            .init(key: .method("GET"), pattern: PathPattern("/a"), value: "get"),
        ])
        #expect(table.found("/a") == "get")
        #expect(table.found("/a", method: "PURGE") == "any")
    }

    @Test("redirects to the other form of a slash") func redirectsToTheOther() throws {
        let table = try makeTable(["/a", "/b/", "/c/<name>/", "/d", "/d/"])
        #expect(table.redirect("/a/") == "/a")
        #expect(table.redirect("/b") == "/b/")
        #expect(table.redirect("/c/x%20y") == "/c/x%20y/")
        #expect(table.found("/d") == "/d")
        #expect(table.found("/d/") == "/d/")
        #expect(table.isNotFound("/e"))
        #expect(table.isNotFound("/e/"))
        #expect(table.isNotFound("/"))
    }

    @Test("redirects whatever the method") func redirectsWhateverTheMethod() throws {
        let table = try makeTable(["/b/"], method: "POST")
        #expect(table.redirect("/b") == "/b/")
    }

    @Test("finds no route for a text that is not a path", arguments: ["", "a", "*", "/%", "/%ff", "/%zz"])
    func findsNothing(path: String) throws {
        #expect(try makeTable(["/a", "/<name>", "/<path:rest>"]).isNotFound(path))
    }
}

extension RouteTable {
    fileprivate func arguments(_ path: String) -> [String]? {
        if case .found(_, let arguments) = match(.method("GET"), path: path) { arguments } else { nil }
    }

    fileprivate func redirect(_ path: String) -> String? {
        if case .redirect(let other) = match(.method("GET"), path: path) { other } else { nil }
    }

    fileprivate func isNotFound(_ path: String, method: String = "GET") -> Bool {
        if case .notFound = match(.method(method), path: path) { true } else { false }
    }
}
