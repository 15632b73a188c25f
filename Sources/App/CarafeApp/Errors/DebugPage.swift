import CarafeHTTP
import HTTPTypes

/// The page that shows an unexpected error to a browser, in debug mode only.
///
/// It has no scripts, loads nothing, and escapes all that it shows: a request is untrusted.
struct DebugPage {
    private let error: any Error
    private let request: Request

    /// Returns nil outside debug mode, and for a client that did not ask for a page.
    init?(_ error: any Error, _ request: Request) {
        guard request.context.debug, request.headers.ascii(.accept)?.contains("text/html") == true else { return nil }
        self.error = error
        self.request = request
    }

    var response: Response {
        var response = Response(.internalServerError, html: page.html)
        response.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'"
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private var page: Markup {
        let type = "\(Swift.type(of: error))"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>500: \(type)</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <header><p>500 Internal Server Error: <code>\(type)</code></p><h1>\("\(error)")</h1></header>
            <main>
            \(source)
            <section><h2>Request</h2><table>
            \(Self.row("Method", "\(request.method)"))
            \(Self.row("Path", request.mountPoint + request.target.path))
            \(Self.row("Route", route))
            </table></section>
            \(Self.section("Query", request.query.pairs))
            \(Self.section("Headers", request.headers.pairs))
            </main>
            <footer><p>Browsers see this page because <code>app.debug</code> is true. It must not be in production.</p></footer>
            </body>
            </html>

            """
    }

    private var route: String {
        guard let pattern = request.routePattern else { return "none" }
        return (percentDecoded(request.mountPoint) ?? request.mountPoint) + pattern
    }

    // MARK: The place in a file

    private var source: Markup {
        guard let excerpt = (error as? any SourceExplained)?.excerpt else { return "" }
        let lines = excerpt.lines.enumerated().map { offset, line -> Markup in
            guard excerpt.firstLine + offset == excerpt.line else { return "<li><code>\(line)</code></li>\n" }
            return "<li aria-current=\"true\"><code>\(Self.marked(line, at: excerpt.column))</code></li>\n"
        }
        return """
            <section><h2>\(excerpt.file), line \(excerpt.line), column \(excerpt.column)</h2>
            <ol start="\(excerpt.firstLine)">
            \(Markup(joining: lines))</ol></section>
            """
    }

    private static func marked(_ line: String, at column: Int) -> Markup {
        let before = line.prefix(max(0, column - 1))
        let rest = line[before.endIndex...]
        return "\(String(before))<mark>\(String(rest.prefix(1)))</mark>\(String(rest.dropFirst()))"
    }

    // MARK: Names and values

    private static func section(_ title: String, _ pairs: [(name: String, value: String)]) -> Markup {
        guard !pairs.isEmpty else { return "" }
        let rows = pairs.map { isSecret($0.name) ? row($0.name, "<em>hidden</em>" as Markup) : row($0.name, $0.value) }
        return "<section><h2>\(title)</h2><table>\n\(Markup(joining: rows))</table></section>"
    }

    private static func row(_ name: String, _ value: String) -> Markup {
        row(name, "<code>\(value)</code>" as Markup)
    }

    private static func row(_ name: String, _ value: Markup) -> Markup {
        "<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>\n"
    }

    /// Whether the value under this name may be a credential: screenshots of such pages are shared.
    private static func isSecret(_ name: String) -> Bool {
        // Lower case for letters; the words consist of letters only.
        let bytes = name.utf8.map { $0 | 0x20 }
        return ["auth", "cookie", "csrf", "key", "pass", "secret", "session", "token"].contains { word in
            bytes.contains(Array(word.utf8))
        }
    }

    private static let style: Markup = """

        :root { color-scheme: light dark; --text: #1c2024; --faint: #60656c; --ground: #fff; --field: #f4f5f7;
          --line: #dfe1e5; --fault: #b3261e; --mark: #ffd7d3; --place: #fff0ee; }
        @media (prefers-color-scheme: dark) { :root { --text: #e4e6ea; --faint: #9ba1a9; --ground: #16181b;
          --field: #1f2226; --line: #363a40; --fault: #ff8a80; --mark: #7a2b25; --place: #35211f; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem; color: var(--text); background: var(--ground);
          font: 1rem/1.5 system-ui, sans-serif; }
        code, h1, ol { font-family: ui-monospace, Menlo, Consolas, monospace; }
        header p, footer, em { color: var(--faint); }
        h1 { margin: 0 0 2rem; color: var(--fault); font-size: 1.25rem; white-space: pre-wrap; overflow-wrap: anywhere; }
        h2 { margin: 2rem 0 .5rem; font-size: 1rem; overflow-wrap: anywhere; }
        ol { margin: 0; padding: .75rem 0 .75rem 3.5rem; overflow-x: auto; border: 1px solid var(--line);
          border-radius: .5rem; background: var(--field); font-size: .875rem; }
        li { padding: 0 1rem 0 .5rem; width: max-content; min-width: 100%; white-space: pre; }
        li::marker { color: var(--faint); }
        li[aria-current] { background: var(--place); }
        li[aria-current]::marker { color: var(--fault); font-weight: bold; }
        mark { color: inherit; background: var(--mark); box-shadow: 0 2px var(--fault); }
        table { width: 100%; border-collapse: collapse; font-size: .875rem; }
        th, td { padding: .375rem .75rem; border: 1px solid var(--line); text-align: left; vertical-align: top;
          overflow-wrap: anywhere; }
        th { width: 14rem; font-weight: 500; background: var(--field); }
        footer { margin-top: 2.5rem; font-size: .875rem; }
        @media (max-width: 40rem) { th { width: 8rem; } }

        """
}
