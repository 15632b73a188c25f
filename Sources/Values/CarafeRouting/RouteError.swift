/// What is wrong with a route; found when the app is built, before the first request.
public struct RouteError: Error, Equatable, CustomStringConvertible {
    /// The route as its author wrote it, such as `GET /users/<int:id>`.
    public var route: String

    /// What was expected and what was found.
    public var problem: String

    package init(route: String, problem: String) {
        self.route = route
        self.problem = problem
    }

    public var description: String { "route \(route): \(problem)" }
}
