import CarafeHTTP
import FoundationEssentials
import NIOCore
import Testing

@Suite struct JSONCodersTests {
    private struct Person: Codable, Equatable {
        var firstName: String
    }

    @Test func writesWhatItReads() throws {
        let bytes = try JSONCoders.standard.encode(Person(firstName: "Ann"))
        #expect(String(buffer: bytes) == #"{"firstName":"Ann"}"#)
        #expect(try JSONCoders.standard.decode(Person.self, from: bytes) == Person(firstName: "Ann"))
    }

    @Test func usesTheGivenCoders() throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        #expect(
            String(buffer: try JSONCoders(encoder: encoder).encode(Person(firstName: "Ann")))
                == #"{"first_name":"Ann"}"#)
    }
}
