import CarafeApp
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(10))) struct UUIDArgumentTests {
    private let text = "123e4567-e89b-12d3-a456-426614174000"

    @Test("RFC 9562 §4: both cases are read, lower case is written") func readsAndWrites() throws {
        let id = try #require(UUID(pathSegment: text))
        #expect(UUID(pathSegment: text.uppercased()) == id)
        #expect(id.pathSegment == text)
        #expect(UUID.converters == ["uuid"])
    }

    @Test(
        "refuses a text that is not a UUID",
        arguments: [
            "", "1", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400",
            "123e4567-e89b-12d3-a456-4266141740000", "{123e4567-e89b-12d3-a456-426614174000}",
            "123e4567-e89b-12d3-a456-42661417400g", " 123e4567-e89b-12d3-a456-426614174000",
        ])
    func refusesTextNotUUID(text: String) {
        #expect(UUID(pathSegment: text) == nil)
    }
}
