public import CarafeApp
public import HTTPTypes

/// A page made from a template: what a handler returns to have it rendered.
///
/// ```swift
/// app.get("/hello/<name>") { (_, name: String) in Template("hello.html", ["name": name]) }
/// ```
///
/// A client that prefers Chinese (`Accept-Language`) gets the texts of the page from `words.zh.json`, or the page
/// `hello.zh.html` where that stands beside `hello.html`.
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
