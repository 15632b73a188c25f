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

@Suite(.timeLimit(.minutes(10))) struct BlockingTests {
    private struct Broken: Error {}

    @Test("runs on another thread than the handler") func runsOnAnotherThread() async throws {
        var app = App()
        app.get("/") { _ in
            let mine = UInt(bitPattern: pthread_self().hashValue)
            let other = try await blocking { UInt(bitPattern: pthread_self().hashValue) }
            return mine == other ? "the same" : "another"
        }
        #expect(try await TestClient(app).get("/").text == "another")
    }

    @Test("throws the error of the code") func throwsErrorCode() async {
        await #expect(throws: Broken.self) { try await blocking { throw Broken() } }
    }
}
