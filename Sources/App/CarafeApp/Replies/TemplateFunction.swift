public import CarafeHTTP

/// A function that templates call by name: `{{ static("chat.css") }}`.
///
/// It gets the request to which the page responds, and the arguments of the call as texts. The result is used and
/// escaped like any other value.
public typealias TemplateFunction =
    @Sendable (_ request: Request, _ arguments: [String]) throws -> any Encodable & Sendable

/// Prepares a request for a template function, before a page that may call the function is rendered.
public typealias TemplatePreparation = @Sendable (_ request: Request) async throws -> Void

/// Checks a call of a template function whose arguments are all literals in the template, and throws an error that
/// describes a bad one.
public typealias TemplateCheck = @Sendable (_ arguments: [String]) throws -> Void
