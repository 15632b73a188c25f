import Testing

@testable import CarafeApp

private struct Clock: Sendable, Equatable {
    var hour: Int
}

@Suite struct AppContextTests {
    @Test func findsAnExtensionByItsType() throws {
        var values = Values()
        values[Clock.self] = Clock(hour: 3)
        #expect(try AppContext(values: values).require(Clock.self) == Clock(hour: 3))
    }

    @Test func namesTheExtensionThatIsMissing() throws {
        let error = #expect(throws: MissingExtension.self) { try AppContext().require(Clock.self) }
        #expect(error?.name == "Clock")
        #expect(error?.description.contains("app.install(Clock(") == true)
    }
}
