import CarafeHTTP
import CarafeHTTP1
import CarafeServer
import HTTPTypes
import NIOHPACK
import Testing

@testable import CarafeHTTP2

@Suite("HTTP2Request", .timeLimit(.minutes(10)))
struct HTTP2RequestTests {
    private let limits = ServerConfiguration().limits

    private func request(_ changes: (inout HPACKHeaders) -> Void = { _ in }) throws(RequestError) -> HTTP2Request {
        var block: HPACKHeaders = [
            ":method": "GET", ":scheme": "https", ":authority": "a.example:8443", ":path": "/x?y=%20",
        ]
        changes(&block)
        return try HTTP2Request(block, limits: limits)
    }

    private func status(_ changes: (inout HPACKHeaders) -> Void) -> Int? {
        do {
            _ = try request(changes)
            return nil
        } catch {
            return error.status
        }
    }

    @Test("RFC 9113 §8.3.1: the pseudo-header fields are the request's line and its Host")
    func control() throws {
        let request = try request { block in
            block.add(name: "cookie", value: "a=1")
            block.add(name: "cookie", value: "b=2")
            block.add(name: "content-length", value: "12")
        }
        #expect(request.method == .get)
        #expect(request.target.description == "/x?y=%20")
        #expect(request.declaredLength == 12)
        #expect(request.upgrade == nil)
        #expect(request.headers.pairs.map(\.name) == ["host", "cookie", "content-length"], "§8.2.3: concatenated")
        #expect(request.headers.values(of: "cookie") == ["a=1; b=2"])
        #expect(request.headers.values(of: "host") == ["a.example:8443"])
        #expect(request.headers[.cookie] == "a=1; b=2")
    }

    @Test("RFC 9113 §8.3.1: Host stands in for the authority, and says the same beside it")
    func host() throws {
        let only = try request { block in
            block.remove(name: ":authority")
            block.add(name: "host", value: "b.example")
        }
        #expect(only.headers.values(of: "host") == ["b.example"])
        let both = try request { $0.add(name: "host", value: "a.example:8443") }
        #expect(both.headers.values(of: "host") == ["a.example:8443"])
        for (authority, host) in [
            ("a.example", "a.example:443"), ("a.example:", "A.EXAMPLE"), ("[::1]:443", "[0:0:0:0:0:0:0:1]"),
        ] {
            let same = status { block in
                block.replaceOrAdd(name: ":authority", value: authority)
                block.add(name: "host", value: host)
            }
            #expect(same == nil, "\(authority) and \(host), RFC 3986 §6.2.3")
        }
        #expect(status { $0.add(name: "host", value: "b.example") } == 400)
        #expect(status { $0.remove(name: ":authority") } == 400)
        #expect(status { $0.replaceOrAdd(name: ":authority", value: "user@a.example") } == 400)
        #expect(status { $0.replaceOrAdd(name: ":authority", value: "") } == 400)
    }

    @Test("RFC 9113 §8.2.1: what HTTP/1.1 would read as something else is refused")
    func smuggling() {
        for path in ["/a b", "/a\r\nb", "/ä", "/a#b", "x", "*", "//..", "/%zz"] {
            #expect(status { $0.replaceOrAdd(name: ":path", value: path) } == 400, "\(path)")
        }
        for value in ["a\u{0}b", "a\u{1}b", "a\u{7F}", "a\nb"] {
            #expect(status { $0.add(name: "x", value: value) } == 400)
        }
        for value in ["", "-1", "+1", "1, 1", "99999999999999999999"] {
            #expect(status { $0.add(name: "content-length", value: value) } == 400, "\(value)")
        }
        #expect(
            status {
                $0.add(name: "content-length", value: "1")
                $0.add(name: "content-length", value: "1")
            } == 400)
        #expect(status { $0.replaceOrAdd(name: ":scheme", value: "http") } == 400)
        #expect(status { $0.replaceOrAdd(name: ":scheme", value: "HTTPS") } == nil, "RFC 3986 §3.1")
        #expect(status { $0.replaceOrAdd(name: ":method", value: "G T") } == 400)
    }

    @Test("the limits on heads are those of HTTP/1.1")
    func size() {
        #expect(status { $0.replaceOrAdd(name: ":path", value: "/" + String(repeating: "a", count: 8192)) } == 414)
        #expect(status { $0.add(name: "x", value: String(repeating: "a", count: 16 << 10)) } == 431)
        #expect(status { block in for index in 0..<101 { block.add(name: "x\(index)", value: "") } } == 431)
        #expect(status { block in for index in 0..<100 { block.add(name: "x\(index)", value: "") } } == nil)
    }

    @Test("RFC 8441 §5: the handshake of a WebSocket is a GET that asks for an upgrade, as in HTTP/1.1")
    func webSocket() throws {
        let request = try request { block in
            block.replaceOrAdd(name: ":method", value: "CONNECT")
            block.add(name: ":protocol", value: "websocket")
        }
        #expect(request.method == .get)
        #expect(request.upgrade == "websocket")
        #expect(request.headers[.upgrade] == "websocket")
        #expect(request.headers[.secWebSocketKey]?.isEmpty == false)
    }

    @Test("RFC 9113 §8.1.1, §8.5: a malformed request is so whatever the method")
    func connect() {
        func connect(_ authority: String, _ value: String = "1") -> Int? {
            var block: HPACKHeaders = [":method": "CONNECT", ":authority": authority]
            block.add(name: "x", value: value)
            do {
                _ = try HTTP2Request(block, limits: limits)
                return nil
            } catch {
                return error.status
            }
        }
        #expect(connect("a.example:443") == 501)
        #expect(connect("a.example:443", " 1") == 400)
        for authority in ["a.example", "a.example:", "", "user@a.example:443"] {
            #expect(connect(authority) == 400, "§8.5: the host and port to connect to")
        }
    }

    @Test("RFC 8441 §5: a key that comes all the same is not processed")
    func webSocketKey() throws {
        let request = try request { block in
            block.replaceOrAdd(name: ":method", value: "CONNECT")
            block.add(name: ":protocol", value: "WebSocket")
            block.add(name: "sec-websocket-key", value: "x")
        }
        #expect(request.upgrade == "websocket" && request.headers[values: .secWebSocketKey].map(\.utf8.count) == [24])
        #expect(try self.request { $0.add(name: "sec-websocket-key", value: "x") }.headers[.secWebSocketKey] == "x")
    }
}
