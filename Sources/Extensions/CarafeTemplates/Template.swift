public import CarafeApp
public import HTTPTypes

/// A page made from a template: what a handler returns to have it rendered.
///
/// ```swift
/// app.get("/hello/<name>") { (_, name: String) in Template("hello.html", ["name": name]) }
/// ```
///
/// Where `hello.zh.html` stands beside `hello.html`, a client that prefers Chinese gets that (`Accept-Language`).
public struct Template: Reply, Sendable {
    /// The file's path in the template folder, without a language.
    public var name: String
    /// What it is filled with.
    public var values: TemplateValues
    /// The status of the page.
    public var status: HTTPResponse.Status

    public init(
        _ name: String, _ values: [String: any Encodable & Sendable] = [:], status: HTTPResponse.Status = .ok
    ) {
        self.name = name
        self.values = .named(values)
        self.status = status
    }

    public init(_ name: String, _ value: some Encodable & Sendable, status: HTTPResponse.Status = .ok) {
        self.name = name
        values = .one(value)
        self.status = status
    }

    public func response(to request: Request) async throws -> Response {
        try await request.require(Templates.self).response(of: self, to: request)
    }
}
