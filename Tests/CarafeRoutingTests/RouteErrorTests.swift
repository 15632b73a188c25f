import Testing

@testable import CarafeRouting

@Suite struct RouteErrorTests {
    @Test func namesTheRouteAndTheProblem() {
        let error = RouteError(route: "GET /a", problem: "expected b, found c")
        #expect("\(error)" == "route GET /a: expected b, found c")
    }
}
