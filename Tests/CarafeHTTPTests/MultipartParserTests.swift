import HTTPTypes
import NIOCore
import Testing

@testable import CarafeHTTP

// The limit of time is for the floods: what takes the square of a mebibyte does not end in a minute.
@Suite(.timeLimit(.minutes(10))) struct MultipartParserTests {
    private func part(_ name: String, _ data: String, fileName: String? = nil) -> ReadPart {
        ReadPart(name: name, fileName: fileName, data: ByteBuffer(string: data), isComplete: true)
    }

    @Test("RFC 7578 §4.1") func readsPartsInTheirOrder() throws {
        let text = form([("name=a", "1"), ("name=f; filename=x.txt", "line\r\nline\r\n"), ("name=a", "2")])
        #expect(
            try MultipartParser.read(text) == [
                part("a", "1"), part("f", "line\r\nline\r\n", fileName: "x.txt"), part("a", "2"),
            ])
    }

    @Test(
        "RFC 2046 §5.1.1",
        arguments: [
            ("--b--", 0), ("--b--\r\n", 0), ("--b--anything\r\n--b\r\n", 0), ("\r\n--b--", 0), ("preamble\r\n--b--", 0),
            ("--b \t \r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--", 1),
            ("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--b--epilogue", 1),
        ])
    func partsOfTheExample(text: String, count: Int) throws {
        #expect(try MultipartParser.read(text).count == count)
    }

    @Test(
        "a body without its last boundary is 400",
        arguments: [
            "", "\r\n", "--b", "--b\r\n", "--b-", "no boundary", "x--b--", "--c--",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b",
            "--b\r\nContent-Disposition: form-data; name=a",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b-",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\n--b--",
        ])
    func bodyWithout(text: String) {
        let error = #expect(throws: HTTPError.self) { try MultipartParser.read(text) }
        #expect(error?.status == .badRequest)
        #expect(error?.message == "Expected the last boundary.")
    }

    @Test(
        "a malformed body is 400",
        arguments: [
            "--b\r\n\r\n\r\n--b--", "--b\r\n\r\ndata\r\n--b--", "--bc\r\n",
            "--b\nContent-Disposition: form-data; name=a\r\n\r\n",
            "--b x\r\n", "--b\r\r\n", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--bcd--", "--b --",
        ])
    func malformedBody400(text: String) {
        let error = #expect(throws: HTTPError.self) { try MultipartParser.read(text) }
        #expect(error?.status == .badRequest)
    }

    @Test("RFC 7578 §4.3: parts in a part are data") func aNestedBodyIsData() throws {
        let inner = form([("name=inner", "x")], boundary: "inner")
        let text = form([("name=outer", inner)])
        #expect(try MultipartParser.read(text) == [part("outer", inner)])
    }

    @Test("a boundary may have 70 characters") func boundaryMayHave() throws {
        let boundary = String(repeating: "-", count: 70)
        let data = "\r\n--" + boundary.dropLast() + "\r\n-" + boundary
        let text = form([("name=a", data)], boundary: boundary)
        #expect(try MultipartParser.read(text, boundary: boundary) == [part("a", data)])
    }

    @Test("a boundary that begins another is found") func boundaryThatBegins() throws {
        let boundary = "--b--b"
        let data = "--b--b\r\n----b--\r\n----b\r\n"
        #expect(
            try MultipartParser.read(form([("name=a", data)], boundary: boundary), boundary: boundary)
                == [part("a", data)])
    }

    @Test("the parts are bounded") func thePartsAreBounded() throws {
        var limits = MultipartParser.Limits()
        limits.partCount = 3
        let parts = [(disposition: String, data: String)](repeating: ("name=a", ""), count: 3)
        #expect(try MultipartParser.read(form(parts), limits).count == 3)
        let error = #expect(throws: HTTPError.self) { try MultipartParser.read(form(parts + parts), limits) }
        #expect(error?.status == .contentTooLarge && error?.message == "Expected at most 3 parts.")
    }

    @Test("a head is bounded to the byte") func headIsBounded() throws {
        var limits = MultipartParser.Limits()
        let line = "Content-Disposition: form-data; name=a"
        limits.headLength = line.utf8.count + 2
        #expect(try MultipartParser.read(form([("name=a", "x")]), limits).count == 1)
        limits.headLength -= 1
        let error = #expect(throws: HTTPError.self) { try MultipartParser.read(form([("name=a", "x")]), limits) }
        #expect(error?.status == .contentTooLarge)
    }

    @Test(
        "what has no end is refused, and no more is kept of it than the limit",
        arguments: ["--b\r\nX: ", "--b\r\n", "--b", "", "--b\r\nContent-Disposition: form-data; name=\""],
        ["x", " ", "X: y\r\n", "\r\n-", "\""])
    func endless(start: String, filler: String) throws {
        var parser = try MultipartParser.make()
        parser.receive(ByteBuffer(string: start))
        let piece = ByteBuffer(string: String(repeating: filler, count: 512 / filler.utf8.count))
        #expect(throws: HTTPError.self) {
            for _ in 0..<40 {
                parser.receive(piece)
                while try parser.next() != nil {}
            }
        }
    }

    @Test("a flood of beginnings of the boundary is read in linear time")
    func prefixFlood() throws {
        let boundary = String(repeating: "b", count: 70)
        for flood in ["\r\n--" + boundary.dropLast(), "\r", "\r\n", "\r\n--", "\r\n-\r\n--b"] {
            let data = String(repeating: flood, count: (1 << 20) / flood.utf8.count)
            let text = form([("name=a; filename=f", data)], boundary: boundary)
            let parts = try MultipartParser.read(text, boundary: boundary)
            #expect(parts == [part("a", data, fileName: "f")])
        }
    }

    @Test("a head and a delimiter that arrive byte by byte are looked at once")
    func slowFlood() throws {
        var limits = MultipartParser.Limits()
        limits.headLength = 1 << 20
        let filler = String(repeating: "X: y\r\n", count: 10_000)
        let head = "--b\r\n\(filler)Content-Disposition: form-data; name=a\r\n\r\n"
        let data = String(repeating: "\r\n--", count: 20_000)
        let pieces = (head + data + "\r\n--b--").utf8.map { ByteBuffer(bytes: [$0]) }
        #expect(try MultipartParser.read(pieces, limits) == [part("a", data)])
    }
}
