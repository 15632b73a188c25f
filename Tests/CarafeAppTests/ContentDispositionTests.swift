import CarafeApp
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct ContentDispositionTests {
    @Test(
        "RFC 6266 §4.1, RFC 8187 §3.2",
        arguments: [
            ("report.pdf", "attachment; filename=\"report.pdf\""),
            ("Q3 & Q4.pdf", "attachment; filename=\"Q3 & Q4.pdf\""),
            ("群聊.txt", "attachment; filename=\"__.txt\"; filename*=UTF-8''%E7%BE%A4%E8%81%8A.txt"),
            ("50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"),
            ("a\"b\\c/d\r\nSet-Cookie: x", "attachment; filename=\"a_b_c_d__Set-Cookie: x\""),
            ("gpj.\u{202E}exe", "attachment; filename=\"gpj._exe\""),
            ("", "attachment; filename=\"\""),
        ])
    func names(name: String, field: String) {
        var response = Response(text: "")
        response.setDownloadName(name)
        #expect(response.headers[.contentDisposition] == field)
    }
}
