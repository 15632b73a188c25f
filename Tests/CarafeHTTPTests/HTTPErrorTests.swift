import CarafeHTTP
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct HTTPErrorTests {
    @Test("abort throws the error") func abortThrowsIt() {
        #expect(throws: HTTPError(.forbidden, "Members only.")) { try abort(.forbidden, "Members only.") }
        #expect(throws: HTTPError(.notFound)) { try abort(.notFound) }
    }

    @Test("describes itself") func describesItself() {
        #expect("\(HTTPError(.notFound))" == "404 Not Found")
        #expect("\(HTTPError(.forbidden, "Members only."))" == "403 Forbidden: Members only.")
    }
}
