public import CarafeHTTP

/// A function that templates call by its name: `{{ static("chat.css") }}`.
///
/// It gets the request that the page answers and the texts in the call. What it returns stands in the template like any
/// other value, and is escaped.
public typealias TemplateFunction =
    @Sendable (_ request: Request, _ arguments: [String]) throws -> any Encodable & Sendable

/// Prepares a request for a function of templates, before a page that may call it is rendered.
public typealias TemplatePreparation = @Sendable (_ request: Request) async throws -> Void

/// Throws what is wrong with a call of a template's function whose arguments are all texts in the template.
public typealias TemplateCheck = @Sendable (_ arguments: [String]) throws -> Void
