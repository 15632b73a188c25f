public import CarafeApp
public import HTTPTypes

/// A page made from a template: a handler returns it to have it rendered.
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
    /// The values to fill it with.
    public var values: TemplateValues
    /// The status of the page.
    public var status: HTTPResponse.Status

    /// Creates a page with named values.
    ///
    /// - Parameters:
    ///   - name: The file's path in the template folder, without a language.
    ///   - values: The values by name.
    ///   - status: The status of the response.
    public init(
        _ name: String, _ values: [String: any Encodable & Sendable] = [:], status: HTTPResponse.Status = .ok
    ) {
        self.name = name
        self.values = .named(values)
        self.status = status
    }

    /// Creates a page with the properties of a value.
    ///
    /// - Parameters:
    ///   - name: The file's path in the template folder, without a language.
    ///   - value: A value whose properties are the names.
    ///   - status: The status of the response.
    public init(_ name: String, _ value: some Encodable & Sendable, status: HTTPResponse.Status = .ok) {
        self.name = name
        values = .one(value)
        self.status = status
    }

    /// Renders the page, by the installed `Templates`.
    ///
    /// - Throws: `MissingExtensionError` if `Templates` is not installed, and the error of the template engine.
    public func response(to request: Request) async throws -> Response {
        try await request.require(Templates.self).response(of: self, to: request)
    }
}
