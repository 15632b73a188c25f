import FoundationEssentials
import NIOCore
import Testing

@testable import CarafeApp

@Suite(.timeLimit(.minutes(10))) struct JSONCodersTests {
    private struct Person: Codable, Equatable {
        var firstName: String
    }

    @Test("writes what it reads") func writesWhatReads() throws {
        let bytes = try JSONCoders.standard.encode(Person(firstName: "Ann"))
        #expect(String(buffer: bytes) == #"{"firstName":"Ann"}"#)
        #expect(try JSONCoders.standard.decode(Person.self, from: bytes) == Person(firstName: "Ann"))
    }

    @Test("uses the given coders") func usesTheGivenCoders() throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        #expect(
            String(buffer: try JSONCoders(encoder: encoder).encode(Person(firstName: "Ann")))
                == #"{"first_name":"Ann"}"#)
    }

    private struct Visit: Codable, Equatable {
        var when: Date
        var link: String
        var about = 1
    }

    @Test("by default dates are ISO 8601, names in order, slashes as they are")
    func defaults() throws {
        let visit = Visit(when: Date(timeIntervalSince1970: 1_795_878_245), link: "https://x.example/a")
        let text = #"{"about":1,"link":"https://x.example/a","when":"2026-11-28T15:04:05Z"}"#
        for coders in [JSONCoders(), .standard, JSONCoders(encoder: nil, decoder: JSONDecoder())] {
            #expect(String(buffer: try coders.encode(visit)) == text)
        }
        #expect(try JSONCoders().decode(Visit.self, from: ByteBuffer(string: text)) == visit)
        let exact = text.replacing("05Z", with: "05.000Z")
        #expect(try JSONCoders().decode(Visit.self, from: ByteBuffer(string: exact)) == visit)
    }

    @Test("the error for a bad date shows a good one", arguments: ["1795878245", #""yesterday""#])
    func noDate(text: String) {
        let body = ByteBuffer(string: #"{"about":1,"link":"","when":\#(text)}"#)
        let error = #expect(throws: DecodingError.self) { try JSONCoders().decode(Visit.self, from: body) }
        #expect(error?.explanation == "Invalid JSON at when: expected a date such as 2026-11-28T15:04:05Z.")
        #expect(throws: EncodingError.self) { try JSONCoders().encode([Date(timeIntervalSince1970: .infinity)]) }
    }
}
