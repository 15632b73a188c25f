import Carafe
import CarafeTesting
import Testing

/// Checks that a page comes in English and in Chinese, as the browser likes it.
func expectPage(_ client: TestClient, _ path: String, english: String, chinese: String) async throws {
    let pages = [
        (nil, "en", english), ("en-GB,en;q=0.9", "en", english), ("zh-CN,zh;q=0.9,en;q=0.8", "zh", chinese),
        ("zh-TW", "zh", chinese), ("fr,zh;q=0.5,en;q=0.4", "zh", chinese), ("fr", "en", english),
    ]
    for (wanted, language, title) in pages {
        let response = try await client.get(path, headers: wanted.map { [.acceptLanguage: $0] } ?? [:])
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(response.headers[.contentLanguage] == language)
        #expect(response.headers[.vary] == "Accept-Language")
        #expect(response.text.contains("<html lang=\"\(language)"))
        #expect(response.text.contains("<title>\(title)</title>"), "for \(wanted ?? "no language")")
        #expect(!response.text.contains("{{") && !response.text.contains("{%"))
        #expect(!response.text.contains("9988"), "a page connects to the host it was loaded from")
    }
}
