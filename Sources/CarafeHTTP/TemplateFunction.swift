/// A function that templates call by its name: `{{ static("chat.css") }}`.
///
/// It gets the request that the page answers and the texts in the call. What it returns stands in the template like any
/// other value, and is escaped.
public typealias TemplateFunction =
    @Sendable (_ request: Request, _ arguments: [String]) throws -> any Encodable & Sendable
