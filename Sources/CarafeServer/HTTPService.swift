import CarafeHTTP
import CarafeHTTP1Codec
import NIOCore

/// What all connections of one event loop share.
// Unchecked: `date` is touched on the one event loop only.
final class HTTPService: @unchecked Sendable {
    let handler: Handler
    let configuration: ServerConfiguration
    let readerLimits: RequestReader.Limits
    let date = DateField()

    init(handler: @escaping Handler, configuration: ServerConfiguration) {
        self.handler = handler
        self.configuration = configuration
        let limits = configuration.limits
        readerLimits = RequestReader.Limits(
            requestLineBytes: limits.requestLine, fieldSectionBytes: limits.headers, fieldCount: limits.headerCount
        )
    }
}
