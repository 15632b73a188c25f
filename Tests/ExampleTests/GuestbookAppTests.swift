import Carafe
import CarafeTesting
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Guestbook

@Suite("GuestbookApp", .timeLimit(.minutes(10)))
struct GuestbookAppTests {
    private let secret = String(repeating: "secret", count: 8)
    private let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

    private func client(_ book: Guestbook) throws -> TestClient {
        try TestClient(makeGuestbookApp(book, secret: secret))
    }

    /// Sends a form as a browser would that shows the page.
    private func post(_ client: TestClient, _ path: String = "/", _ fields: [String: String] = [:]) async throws
        -> TestResponse
    {
        let page = try await client.get("/").text
        let token = try #require(page.firstMatch(of: /name="csrf_token" value="([^"]+)"/)?.output.1)
        let pairs = fields.merging(["csrf_token": String(token)]) { $1 }.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }
        return try await client.post(path, headers: form, body: pairs.joined(separator: "&"))
    }

    @Test("an entry stands in the book, for everybody, and its text is no markup")
    func entry() async throws {
        let book = try Guestbook(path: nil)
        let (ada, visitor) = (try client(book), try client(book))
        #expect(try await visitor.get("/").text.contains("Nobody has signed yet."))
        let answer = try await post(ada, "/", ["name": "Ada & 李", "text": "<script>alert(1)</script>"])
        #expect(answer.status == .seeOther && answer.headers[.location] == "/")
        let page = try await ada.get("/").text
        #expect(page.contains("Thank you for your entry.") && page.contains("value=\"Ada &amp; 李\""))
        for page in [page, try await visitor.get("/").text] {
            #expect(page.contains("Ada &amp; 李") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        }
        #expect(try await !ada.get("/").text.contains("Thank you"), "a message is for one page")
    }

    @Test("what a full disk does not take is said, and nothing has to be written twice")
    func fullDisk() async throws {
        let folder = try TemporaryFolder()
        let book = try Guestbook(path: folder.path + "/book.sqlite", pageLimit: 10)
        let client = try client(book)
        let text = String(repeating: "long ", count: 199)
        var page = ""
        var count = 0
        while !page.contains("could not be kept"), count < 100 {
            #expect(try await post(client, "/", ["name": "Ada", "text": text]).status == .seeOther)
            page = try await client.get("/").text
            count += 1
        }
        #expect((2..<100).contains(count))
        #expect(page.contains(">\(text.prefix(400))</textarea>") && !page.contains("Thank you"))
        #expect(try await client.get("/").status == .ok, "the others can be read")
    }

    @Test(
        "the faults of a form are named, and the draft is kept",
        arguments: [
            (["name": " ", "text": "hello"], "A name has 1 to 40 characters."),
            (["name": "Ada", "text": String(repeating: "a", count: 1001)], "An entry has 1 to 1,000 characters."),
            (["name": " ", "text": String(repeating: "群", count: 1000)], "A name has 1 to 40 characters."),
            (["name": "a" + String(repeating: "\u{301}", count: 5000), "text": "x"], "A name has 1 to 40 characters."),
        ])
    func wrong(fields: [String: String], problem: String) async throws {
        let client = try client(Guestbook(path: nil))
        #expect(try await post(client, "/", fields).status == .seeOther)
        let page = try await client.get("/").text
        #expect(page.contains(problem) && page.contains("Nobody has signed yet."))
        #expect(page.contains(">\(fields["text"]?.prefix(400) ?? "")</textarea>"))
    }

    @Test("a form without the page's token, and one without a field, are refused")
    func refused() async throws {
        let client = try client(Guestbook(path: nil))
        #expect(try await client.post("/", headers: form, body: "name=a&text=b").status == .forbidden)
        let answer = try await post(client, "/", ["name": "a"])
        #expect(answer.status == .badRequest && answer.text.contains("text"))
    }

    @Test("only its author takes an entry back")
    func removal() async throws {
        let book = try Guestbook(path: nil)
        let (ada, mallory) = (try client(book), try client(book))
        _ = try await post(ada, "/", ["name": "Ada", "text": "hello"])
        #expect(try await ada.get("/").text.contains("action=\"/entries/1/remove\""))
        #expect(try await !mallory.get("/").text.contains("/remove"))
        #expect(try await post(mallory, "/entries/1/remove").status == .notFound)
        _ = try await post(mallory, "/", ["name": "Mallory", "text": "mine"])
        #expect(try await post(mallory, "/entries/1/remove").status == .notFound)
        #expect(try await post(ada, "/entries/1/remove").status == .seeOther)
        let page = try await ada.get("/").text
        #expect(page.contains("Your entry is gone.") && !page.contains("hello") && page.contains("mine"))
    }

    @Test("the book is still there after a restart")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/book.sqlite"
        _ = try await post(client(Guestbook(path: path)), "/", ["name": "Ada", "text": "hello"])
        #expect(try await client(Guestbook(path: path)).get("/").text.contains("hello"))
    }

    @Test("its files are kept for ever under their addresses, and the page allows no script but its own")
    func page() async throws {
        let client = try client(Guestbook(path: nil))
        let page = try await client.get("/")
        let url = try #require(page.text.firstMatch(of: /href="(\/static\/guestbook\.css\?v=[0-9a-f]{16})"/)?.output.1)
        #expect(try await client.get(String(url)).headers[.cacheControl]?.contains("immutable") == true)
        #expect(page.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'self'") == true)
    }

    @Test("a template that names a static file that is not there stops the start")
    func missingFile() throws {
        let folder = try TemporaryFolder()
        try folder.write("{{ static(\"guestbook.css\") }}{{ static(\"guestbok.css\") }}", to: "page.html")
        let app = App(staticFolder: "Examples/Guestbook/statics", templateFolder: folder.path)
        let error = #expect(throws: (any Error).self) { try app.makeHandler() }
        #expect(
            error.map { "\($0)" }?.hasPrefix("page.html:1:33: the call of static is wrong: ") == true, "\(error as Any)"
        )
    }

    @Test("it has fewer than 150 lines")
    func lines() throws {
        let lines = try ["GuestbookApp", "main"].map { try Repository.text("Examples/Guestbook/\($0).swift") }
        #expect(lines.joined().split(separator: "\n", omittingEmptySubsequences: false).count < 150)
    }
}
