import Carafe
import CarafeTesting
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct BlockingTests {
    private struct Broken: Error {}

    @Test func runsOnAnotherThreadThanTheHandler() async throws {
        var app = App()
        app.get("/") { _ in
            let mine = UInt(bitPattern: pthread_self().hashValue)
            let other = try await blocking { UInt(bitPattern: pthread_self().hashValue) }
            return mine == other ? "the same" : "another"
        }
        #expect(try await TestClient(app).get("/").text == "another")
    }

    @Test func throwsWhatTheCodeThrows() async {
        await #expect(throws: Broken.self) { try await blocking { throw Broken() } }
    }
}
