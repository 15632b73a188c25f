import CarafeApp
import CarafeObservability
import CarafeTesting
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct HealthTests {
    private struct Broken: Error {}

    @Test("an app without checks is ready") func appWithoutChecks() async throws {
        var app = App(bare: ())
        try app.install(Health())
        let client = try TestClient(app)
        for path in ["/health", "/ready"] {
            let response = try await client.get(path)
            #expect(response.status == .ok && response.headers[.cacheControl] == "no-store")
            #expect(try await client.head(path).status == .ok)
        }
    }

    @Test("a check that throws is named, without its error") func checkThatThrows() async throws {
        var app = App(bare: ())
        try app.install(Health(checks: ["database": { throw Broken() }, "cache": {}, "mail": { throw Broken() }]))
        let client = try TestClient(app)
        let response = try await client.get("/ready")
        #expect(response.status == .serviceUnavailable && response.text == "database\nmail")
        #expect(try await client.get("/health").status == .ok)
    }

    @Test("a check that takes too long has failed and is cancelled") func checkThatTakes() async throws {
        let (isRunning, isCancelled) = (Gate(), Gate())
        var app = App(bare: ())
        try app.install(
            Health(
                checks: [
                    "slow": {
                        isRunning.open()
                        defer { isCancelled.open() }
                        try await Task.sleep(for: .seconds(3600))
                    }
                ]))
        let client = try TestClient(app)
        async let answer = client.get("/ready")
        await isRunning.wait()
        await client.advanceTime(by: .seconds(5))
        #expect(try await answer.text == "slow")
        await isCancelled.wait()
    }

    @Test("its paths can be changed") func itsPathsCan() async throws {
        var app = App(bare: ())
        try app.install(Health(livePath: "/livez", readyPath: "/readyz"))
        let client = try TestClient(app)
        #expect(try await client.get("/livez").status == .ok)
        #expect(try await client.get("/readyz").status == .ok)
        #expect(try await client.get("/health").status == .notFound)
    }
}
