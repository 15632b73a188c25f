public import CarafeApp
import HTTPTypes
import Instrumentation
public import Tracing

/// Makes each request a span of a distributed trace, which continues the client's (`traceparent` and similar fields).
///
/// Handlers find the span in `ServiceContext.current`, and spans that they start are its children. It has the
/// attributes of OpenTelemetry's conventions for HTTP servers, lasts until the response, including the body, was sent,
/// and fails with 5xx.
public struct RequestTracing: Extension {
    private let tracer: any Tracer

    /// Creates the extension.
    ///
    /// - Parameter tracer: The backend; by default that of `InstrumentationSystem`.
    public init(tracer: any Tracer = InstrumentationSystem.tracer) {
        self.tracer = tracer
    }

    /// Adds a middleware that makes the spans.
    public func install(in app: inout App) {
        app.keepsRoutePatterns = true
        app.use { [tracer] request, next in
            var context = ServiceContext.current ?? .topLevel
            tracer.extract(request.headers, into: &context, using: HeaderExtractor())
            // OpenTelemetry: never the path, of which there are too many.
            let route = request.routePattern
            let name = route.map { "\(request.method) \($0)" } ?? "\(request.method)"
            let span = tracer.startAnySpan(name, context: context, ofKind: .server)
            span.attributes["http.request.method"] = request.method.rawValue
            span.attributes["url.path"] = request.target.path
            span.attributes["carafe.request.id"] = request.id
            if let route { span.attributes["http.route"] = route }
            if let address = request.remoteAddress { span.attributes["client.address"] = address }
            do {
                var response = try await ServiceContext.withValue(span.context) { try await next(request) }
                span.attributes["http.response.status_code"] = response.status.code
                if response.status.kind == .serverError { span.setStatus(SpanStatus(code: .error)) }
                response.body = Self.traced(response.body, by: span)
                response.onEnd { _ in span.end() }
                return response
            } catch {
                span.recordError(error)
                span.end()
                throw error
            }
        }
    }

    /// Returns the body, whose error becomes that of the span.
    private static func traced(_ body: ResponseBody, by span: any Span) -> ResponseBody {
        body.wrapped { writer, produce in
            do {
                try await produce(writer)
            } catch {
                // A client that has left is not an error.
                if !Task.isCancelled {
                    span.recordError(error)
                    span.setStatus(SpanStatus(code: .error))
                }
                throw error
            }
        }
    }
}

private struct HeaderExtractor: Extractor {
    func extract(key: String, from headers: Headers) -> String? {
        HTTPField.Name(key).flatMap { headers[$0] }
    }
}
