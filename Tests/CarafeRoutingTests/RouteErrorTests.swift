import Testing

@testable import CarafeRouting

@Suite(.timeLimit(.minutes(10))) struct RouteErrorTests {
    @Test("names the route and the problem") func namesTheRoute() {
        let error = RouteError(route: "GET /a", problem: "expected b, found c")
        #expect("\(error)" == "route GET /a: expected b, found c")
    }
}
