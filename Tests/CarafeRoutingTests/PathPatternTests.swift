import Testing

@testable import CarafeRouting

@Suite(.timeLimit(.minutes(10))) struct PathPatternTests {
    @Test("reads literals and parameters") func readsLiteralsAndParameters() throws {
        #expect(
            try PathPattern("/users/<int:id>/<name>").segments == [
                .literal("users"), .parameter(name: "id", converter: "int"),
                .parameter(name: "name", converter: "string"),
            ])
    }

    @Test("a trailing slash is part of a pattern") func trailingSlash() throws {
        #expect(try PathPattern("/").segments == [.literal("")])
        #expect(try PathPattern("/a/").segments == [.literal("a"), .literal("")])
        #expect(try PathPattern("/a") != PathPattern("/a/"))
    }

    @Test(
        "describes itself as it was written",
        arguments: ["/", "/a/", "/users/<int:id>/<name>", "/<path:all>", "/群聊/<uuid:x>"])
    func describesItself(text: String) throws {
        #expect(try PathPattern(text).description == text)
    }

    @Test("describes itself without the converter string") func leavesStringOut() throws {
        #expect(try PathPattern("/<string:name>").description == "/<name>")
    }

    @Test(
        "refuses a bad pattern",
        arguments: [
            ("users", "starts with \"/\""), ("", "starts with \"/\""),
            ("/a<b>", "a parameter is a whole segment, found \"a<b>\""),
            ("/<b>.html", "a whole segment"), ("/<b", "a whole segment"), ("/a>", "a whole segment"),
            ("/<>", "expected <name> or <converter:name>, found \"<>\""), ("/<:a>", "<converter:name>"),
            ("/<int:>", "<converter:name>"), ("/<a:b:c>", "<converter:name>"), ("/<in t:a>", "<converter:name>"),
            ("/<a>/<int:a>", "the parameter \"a\" stands twice"),
            ("/<path:a>/<path:b>", "only one <path:…>"),
            ("/caf%C3%A9", "write \"caf%C3%A9\" decoded"),
            ("/a//b", "unreachable"), ("//", "unreachable"), ("/a/../b", "unreachable"), ("/./a", "unreachable"),
            ("/a/..", "unreachable"),
        ])
    func refusesABadPattern(text: String, problem: String) {
        let error = #expect(throws: RouteError.self) { try PathPattern(text) }
        #expect(error?.route == text)
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    }

    @Test(
        "a pattern can stand below another",
        arguments: [
            ("/admin", "/users", "/admin/users"), ("/admin/", "/users", "/admin/users"), ("/", "/users", "/users"),
            ("/admin", "/", "/admin/"), ("/<lang>", "/<int:id>", "/<lang>/<int:id>"),
        ])
    func standsBelowAnother(prefix: String, text: String, whole: String) throws {
        #expect(try PathPattern(text).prefixed(by: PathPattern(prefix)).description == whole)
    }

    @Test("a pattern without a prefix stays the same") func withoutAPrefixStays() throws {
        #expect(try PathPattern("/a").prefixed(by: nil) == PathPattern("/a"))
    }

    @Test("puts arguments into its path") func putsArgumentsInto() throws {
        #expect(try PathPattern("/users/<int:id>/<name>").path(["5", "Ann"]) == "/users/5/Ann")
        #expect(try PathPattern("/").path([]) == "/")
        #expect(try PathPattern("/a/").path([]) == "/a/")
    }

    @Test("encodes its path") func encodesItsPath() throws {
        #expect(try PathPattern("/群/<name>").path(["a b/c?d"]) == "/%E7%BE%A4/a%20b%2Fc%3Fd")
    }

    @Test("keeps the slashes of a path argument") func keepsTheSlashes() throws {
        #expect(try PathPattern("/f/<path:p>/raw").path(["a b/c"]) == "/f/a%20b/c/raw")
    }
}
