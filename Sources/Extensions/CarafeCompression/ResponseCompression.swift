public import CarafeApp
import HTTPTypes

/// Sends text compressed by gzip to clients that accept it (RFC 9110 §8.4.1.3).
///
/// ```swift
/// try app.install(ResponseCompression())
/// ```
///
/// Streams, server-sent events included, still arrive as soon as they are written. A strong `ETag` is changed, `"v2"`
/// to `"v2-gzip"`, because the bytes differ (RFC 9110 §8.8.3.3). If a client sends that one back in `If-Match` or
/// `If-None-Match`, handlers see both tags.
///
/// A page that contains both a secret and text chosen by its visitor (or by a link to it) reveals the secret by its
/// length, letter by letter, to an attacker who sees the lengths and triggers many requests (BREACH). Send such a page
/// with `Cache-Control: no-transform`, and it stays uncompressed.
public struct ResponseCompression: Extension {
    /// The smallest body in bytes that is compressed: 1 KiB, which becomes a third in 25 µs. A packet holds 1,460.
    public var minimumLength = 1 << 10

    /// The compression level from 1, the fastest, to 9, the smallest; 5 is as good as 6 in a fifth less time.
    public var level = 5 {
        didSet { level = min(max(level, 1), 9) }
    }

    /// Whether bodies of a media type, in lower case and without parameters, are worth compressing. By default text,
    /// JSON, XML, scripts, SVG, and fonts that are not compressed already.
    public var compresses: @Sendable (_ type: String) -> Bool = { type in
        type.hasPrefix("text/") || type.hasSuffix("+json") || type.hasSuffix("+xml") || Self.types.contains(type)
    }

    /// Creates the extension with the defaults.
    public init() {}

    /// Adds a middleware that compresses responses.
    public func install(in app: inout App) {
        app.use { [self] request, next in
            var response = try await next(CodedTags.addingPlain(to: request))
            compress(&response, for: request)
            return response
        }
    }

    private static let types: Set<String> = [
        "application/json", "application/xml", "application/javascript", "application/wasm", "application/x-ndjson",
        "image/bmp", "image/vnd.microsoft.icon", "font/ttf", "font/otf",
    ]

    private func compress(_ response: inout Response, for request: Request) {
        guard isCompressible(response) else { return }
        // RFC 9110 §12.5.5: also if the plain one is sent; §15.3.7, §15.4.5: and for 206 and 304.
        response.addVary(.acceptEncoding)
        // A range belongs to the plain representation.
        guard response.status != .partialContent, request.acceptEncoding.prefers("gzip") else { return }
        if response.status == .notModified {
            let isCoded = response.unsent.map { $0.length >= minimumLength } ?? false
            return CodedTags.restore(in: &response, for: request, isCoded: isCoded)
        }
        if let length = response.body.length, length < minimumLength { return }
        guard let body = GzipBody(level: level).body(of: response.body) else { return }
        response.body = body
        response.headers[.contentEncoding] = "gzip"
        // A response to a change has the tag of the changed resource.
        if request.isRead { response.headers[.eTag] = response.headers[.eTag].map(CodedTags.coded) }
        // Ranges would be those of the compressed body, which is made again each time.
        response.headers[.acceptRanges] = nil
    }

    private func isCompressible(_ response: Response) -> Bool {
        guard response.upgrade == nil else { return false }
        if let type = response.unsent?.type ?? response.headers[.contentType] {
            let type = ParameterizedValue(type[...]).value
            // The type of several parts is in each of them (RFC 9110 §14.6): it counts as one to compress.
            guard compresses(type) || type == "multipart/byteranges" else { return false }
        } else {
            // RFC 9110 §15.4.5: a 304 has no type, and the fields that the 200 would have had.
            guard response.status == .notModified else { return false }
        }
        switch response.status.code {
        case ..<200, 204, 205: return false
        default: break
        }
        // RFC 9111 §5.2.2.6: no-transform forbids it.
        let directives = FieldValue.parts(of: response.headers[.cacheControl]?[...] ?? "", at: ",")
        let isWhole = response.headers[.contentRange] == nil || response.status == .partialContent
        return response.headers[.contentEncoding] == nil && isWhole
            && !directives.contains { $0.hasBytesIgnoringCase(of: "no-transform") }
    }
}
