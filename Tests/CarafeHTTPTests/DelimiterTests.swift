import HTTPTypes
import NIOCore
import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct DelimiterTests {
    @Test(
        "RFC 2046 §5.1.1",
        arguments: [
            ("multipart/form-data; boundary=abc", "abc"), ("Multipart/Form-Data;BOUNDARY=abc", "abc"),
            (#"multipart/form-data; boundary="a b;c""#, nil), (#"multipart/form-data; boundary="a b,c""#, "a b,c"),
            ("multipart/form-data; charset=utf-8; boundary='()+_,-./:=?", "'()+_,-./:=?"),
            ("multipart/form-data; boundary=\(String(repeating: "b", count: 70))", String(repeating: "b", count: 70)),
            ("multipart/form-data; boundary=\(String(repeating: "b", count: 71))", nil),
            ("multipart/form-data; boundary=", nil), ("multipart/form-data; boundary=\"\"", nil),
            ("multipart/form-data", nil), ("multipart/form-data; boundary=\"a \"", nil),
            ("multipart/form-data; boundary=é", nil), ("multipart/form-data; boundary=a\rb", nil),
        ] as [(String, String?)])
    func boundary(contentType: String, boundary: String?) {
        let delimiter = try? Delimiter(contentType: contentType)
        #expect(delimiter?.bytes == boundary.map { Array("\r\n--\($0)".utf8) })
        if boundary == nil {
            let error = #expect(throws: HTTPError.self) { try Delimiter(contentType: contentType) }
            #expect(error?.status == .badRequest)
        }
    }

    @Test(
        "other types are 415",
        arguments: [nil, "", "multipart/mixed; boundary=a", "application/x-www-form-urlencoded", "text/plain"])
    func otherTypesAre415(contentType: String?) {
        let error = #expect(throws: HTTPError.self) { try Delimiter(contentType: contentType) }
        #expect(error?.status == .unsupportedMediaType)
    }

    @Test(
        "finds the delimiter",
        arguments: [
            ("", Delimiter.Place.notBefore(0)), ("abc", .notBefore(3)), ("\r\n--b", .at(0)), ("abc\r\n--b", .at(3)),
            ("abc\r\n--", .notBefore(3)), ("abc\r", .notBefore(3)), ("\r\r\r\n--b", .at(2)), ("\r\n-\r\n--b", .at(3)),
            ("\r\n--\r\n--b\r\n--b", .at(4)), ("\n--b", .notBefore(4)), ("\r\n--c", .notBefore(5)),
            ("--b", .notBefore(3)),
        ])
    func finds(text: String, place: Delimiter.Place) throws {
        let delimiter = try Delimiter(contentType: "multipart/form-data; boundary=b")
        #expect(delimiter.find(in: ByteBuffer(string: text)) == place)
    }
}
