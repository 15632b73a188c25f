import CarafeHTTP
import HTTPTypes
import NIOCore
import Testing

@testable import CarafeServer

@Suite("DateField", .timeLimit(.minutes(10)))
struct DateFieldTests {
    @Test("RFC 9110 §6.6.1: the field names the present second in IMF-fixdate")
    func line() throws {
        let before = Int(time(nil))
        var output = ByteBuffer()
        DateField().write(into: &output)
        let text = String(buffer: output)
        #expect(text.hasPrefix("date: ") && text.hasSuffix(" GMT\r\n"))
        let second = try #require(HTTPDate.parse(String(text.dropFirst(6).prefix { $0 != "\r\n" })))
        #expect((before...Int(time(nil))).contains(second))
    }

    @Test("every answer has one")
    func inAnswers() async throws {
        let connection = try await TestConnection { _ in Response(.noContent) }
        for request in ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "bad\r\n\r\n"] {
            #expect(try await connection.answer(to: request).count(of: "\r\ndate: ") == 1)
        }
    }
}

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif
