/// Requests and responses, each in the words of the RFC that defines the part.
enum RequestExamples {
    static let requests = [
        // RFC 9112 §2.1, RFC 9110 §3.9
        "GET /hello.txt HTTP/1.1\r\nUser-Agent: curl/7.64.1\r\nHost: www.example.com\r\nAccept-Language: en, mi\r\n\r\n",
        // RFC 9112 §3.2
        "GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: www.example.org:8001\r\n\r\n",
        "GET /where?q=now HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [2001:db8::7]:80\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::ffff:192.0.2.1]\r\n\r\n",
        // RFC 9112 §6, §7.1
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\\\"\"\r\nhello\r\n00A\r\n0123456789\r\n0\r\nT: u\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        // RFC 9110 §7.8, RFC 6455 §1.3
        "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\r\n\u{81}",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\nA: b\tc\r\nEmpty:\r\n\r\n",
    ]

    static let responses = [
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\u{81}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.0 404 \r\n\r\n", "HTTP/1.1 500\r\nA: b\r\n\r\n",
    ]

    static let words = [
        "GET ", "OPTIONS * ", "http://", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "\r\nHost: ", "\r\nContent-Length: ",
        "\r\nTransfer-Encoding: chunked", "\r\nConnection: close", "\r\nConnection: keep-alive",
        "\r\nUpgrade: websocket",
        "\r\nConnection: upgrade",
        "\r\nExpect: 100-continue", "\r\n\r\n", "\r\n", "[::1]", "9223372036854775807",
        "7fffffffffffffff", "identity", "%2F",
    ]
}
