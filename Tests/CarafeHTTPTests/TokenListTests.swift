import CarafeHTTP
import Testing

@Suite("TokenList", .timeLimit(.minutes(10)))
struct TokenListTests {
    @Test(
        "RFC 9110 §5.6.1: elements between commas, without white space, none of them empty",
        arguments: [
            ("websocket", ["websocket"]), ("websocket, foo", ["websocket", "foo"]),
            ("h2c,\twebsocket ", ["h2c", "websocket"]), (" ,, websocket/13 ,", ["websocket/13"]), ("", []), (" , ", []),
        ])
    func elements(value: String, expected: [String]) {
        #expect(Array(TokenList(value)) == expected)
    }
}
