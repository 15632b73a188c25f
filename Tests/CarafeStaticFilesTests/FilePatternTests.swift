import Testing

@testable import CarafeStaticFiles

@Suite(.timeLimit(.minutes(10))) struct FilePatternTests {
    @Test(
        "matches",
        arguments: [
            ("*.css", "a.css"), ("*.css", "deep/er/a.css"), ("*", "a/b"), ("a?.js", "x/ab.js"),
            ("fonts/*", "fonts/a.woff2"),
            ("fonts/**", "fonts/b/a.woff2"), ("**/a.js", "x/y/a.js"), ("/index.html", "index.html"),
            ("*.*.js", "a.min.js"),
            ("**", "a/b/c"), ("群聊.*", "群聊.html"), ("a*b*c", "axxbxxc"), ("*a", "aaa"),
        ])
    func matches(pattern: String, path: String) {
        #expect(FilePattern(pattern).matches(path))
    }

    @Test(
        "does not match",
        arguments: [
            ("*.css", "a.css.map"), ("*.css", "css"), ("fonts/*", "fonts/b/a.woff2"), ("fonts/*", "my/fonts/a"),
            ("a?.js", "a.js"),
            ("/index.html", "docs/index.html"), ("a", "ab"), ("", "a"), ("?", ""), ("a/?", "a/"), ("a?b", "a/b"),
        ])
    func doesNotMatch(pattern: String, path: String) {
        #expect(!FilePattern(pattern).matches(path))
    }
}
