/// An error in a route, found when the app is built, before the first request.
public struct RouteError: Error, Equatable, CustomStringConvertible {
    /// The route as its author wrote it, such as `GET /users/<int:id>`.
    public var route: String

    /// The expected and the found, in one sentence.
    public var problem: String

    package init(route: String, problem: String) {
        self.route = route
        self.problem = problem
    }

    /// A description that names the route and the problem.
    public var description: String { "route \(route): \(problem)" }
}
