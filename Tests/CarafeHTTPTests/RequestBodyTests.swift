import CarafeRuntime
import HTTPTypes
import NIOCore
import Synchronization
import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct RequestBodyTests {
    @Test("collects a whole body") func collectsAWholeBody() async throws {
        let body = RequestBody(ByteBuffer(string: "hello"))
        #expect(body.declaredLength == 5)
        #expect(try await body.text() == "hello")
        #expect(try await RequestBody().collect().readableBytes == 0)
    }

    @Test("collects the pieces of an arriving body") func collectsThePieces() async throws {
        #expect(try await arriving(["ab", "c", "de"]).text() == "abcde")
    }

    @Test("hands out the pieces") func handsOutThePieces() async throws {
        var pieces: [String] = []
        for try await piece in arriving(["ab", "c"]) { pieces.append(String(buffer: piece)) }
        for try await piece in RequestBody(ByteBuffer(string: "whole")) { pieces.append(String(buffer: piece)) }
        for try await piece in RequestBody() { pieces.append(String(buffer: piece)) }
        #expect(pieces == ["ab", "c", "whole"])
    }

    @Test("RFC 9110 §15.5.14: 413") func refusesADeclaredLengthPastItsLimit() async throws {
        var body = RequestBody(ByteBuffer(string: "12345"))
        body.limit = 5
        try body.checkDeclaredLength()
        #expect(try await body.text() == "12345")
        body.limit = 4
        #expect(throws: tooLarge(4)) { try body.checkDeclaredLength() }
        await #expect(throws: tooLarge(4)) { try await body.collect() }
        await #expect(throws: tooLarge(4)) { for try await _ in body {} }
    }

    @Test("refuses a body that grows past its limit") func refusesABody() async throws {
        for limit in [0, 2, 3] {
            var body = arriving(["ab", "cd"])
            body.limit = limit
            await #expect(throws: tooLarge(limit)) { try await body.collect() }
        }
        var body = arriving(["ab", "cd"])
        body.limit = 4
        #expect(try await body.text() == "abcd")
    }

    @Test("is one mebibyte at most by default") func isOneMebibyte() {
        #expect(RequestBody().limit == 1_048_576)
    }

    @Test("passes on the error of a body that breaks off") func passesTheError() async throws {
        let broken = HTTPError(.badRequest, "broken off")
        let queue = BodyQueue(limit: 100) {}
        _ = queue.push(ByteBuffer(string: "ab"))
        queue.finish(throwing: broken)
        await #expect(throws: broken) { try await RequestBody(arriving: queue, declaredLength: 9).collect() }
    }

    @Test("bytes that are put back are read again") func bytesPutBackRead() async throws {
        for pieces in [["ab", "cd"], ["abcd"], ["ab", "c", "d"]] {
            var body = arriving(pieces)
            var iterator = body.makeAsyncIterator()
            let first = try #require(try await iterator.next())
            body.putBack(first)
            #expect(try await body.text() == "abcd", "\(pieces)")
        }
        var whole = RequestBody(ByteBuffer(string: "abcd"))
        var iterator = whole.makeAsyncIterator()
        whole.putBack(try #require(try await iterator.next()))
        #expect(try await whole.text() == "abcd", "a body that is at hand was never taken from")
    }

    @Test("bytes that are put back count once") func bytesPutBackCount() async throws {
        var body = arriving(["ab", "cd"])
        body.limit = 4
        var iterator = body.makeAsyncIterator()
        body.putBack(try #require(try await iterator.next()))
        #expect(try await body.text() == "abcd")
        var short = arriving(["ab", "cd"])
        short.limit = 3
        iterator = short.makeAsyncIterator()
        short.putBack(try #require(try await iterator.next()))
        await #expect(throws: tooLarge(3)) { try await short.collect() }
    }

    @Test("a text is UTF-8") func aTextIsUTF8() async throws {
        await #expect(throws: HTTPError(.badRequest, "Expected a body in UTF-8.")) {
            try await RequestBody(ByteBuffer(bytes: [0x61, 0xFF])).text()
        }
    }

    @Test(
        "a body from a closure is asked for piece by piece, within the limit, and bytes that were put back come first")
    func producedPieces() async throws {
        var body = produced(["ab", "cd"])
        var iterator = body.makeAsyncIterator()
        let first = try #require(try await iterator.next())
        #expect(String(buffer: first) == "ab")
        body.putBack(first)
        #expect(try await body.text() == "abcd")
        var short = produced(["ab", "cd"])
        short.limit = 3
        await #expect(throws: tooLarge(3)) { try await short.collect() }
        var declared = RequestBody(declaredLength: 4) { throw HTTPError(.badRequest, "broken off") }
        await #expect(throws: HTTPError(.badRequest, "broken off")) { try await declared.collect() }
        declared.limit = 3
        await #expect(throws: tooLarge(3)) { try await declared.collect() }
    }

    private func produced(_ pieces: [String]) -> RequestBody {
        let rest = Mutex(pieces[...])
        return RequestBody { rest.withLock { $0.popFirst() }.map { ByteBuffer(string: $0) } }
    }

    private func tooLarge(_ limit: Int) -> HTTPError {
        HTTPError(.contentTooLarge, "Expected a body of at most \(limit) bytes.")
    }

    private func arriving(_ pieces: [String]) -> RequestBody {
        let queue = BodyQueue(limit: 100) {}
        for piece in pieces { _ = queue.push(ByteBuffer(string: piece)) }
        queue.finish()
        return RequestBody(arriving: queue, declaredLength: nil)
    }
}
