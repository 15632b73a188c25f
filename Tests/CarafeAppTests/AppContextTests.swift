import Testing

@testable import CarafeApp

private struct Clock: Sendable, Equatable {
    var hour: Int
}

@Suite(.timeLimit(.minutes(10))) struct AppContextTests {
    @Test("finds an extension by its type") func findsAnExtension() throws {
        var values = Values()
        values[Clock.self] = Clock(hour: 3)
        #expect(try AppContext(values: values).require(Clock.self) == Clock(hour: 3))
    }

    @Test("names the extension that is missing") func namesTheExtension() throws {
        let error = #expect(throws: MissingExtensionError.self) { try AppContext().require(Clock.self) }
        #expect(error?.name == "Clock")
        #expect(error?.description.contains("app.install(Clock(") == true)
    }
}
