public import CarafeApp
import CarafeHTTP
import CarafeRuntime
import HTTPTypes
import NIOCore

/// A file as a reply: whole, in ranges, or not modified (RFC 9110 §13, §14).
public struct FileReply: Reply, Sendable {
    let file: Representation
    let name: String
    private var downloadName: String?
    private var cacheControl: String?

    init(file: Representation, name: String) {
        self.file = file
        self.name = name
    }

    /// Returns the file as a download, even if the browser could display it.
    ///
    /// - Parameter name: The file name; by default the file's own.
    public func download(as name: String? = nil) -> FileReply {
        var copy = self
        copy.downloadName = name ?? self.name
        return copy
    }

    /// Returns the file with a value of `Cache-Control` in place of `no-cache`.
    public func cached(_ cacheControl: String) -> FileReply {
        var copy = self
        copy.cacheControl = cacheControl
        return copy
    }

    /// Responds with the file, by the request's conditions and ranges.
    public func response(to request: Request) -> Response {
        var response = bareResponse(to: request)
        guard response.status.code < 400 else { return response }
        if let cacheControl { response.headers[.cacheControl] = cacheControl }
        if let downloadName, response.status != .notModified { response.setDownloadName(downloadName) }
        return response
    }

    private func bareResponse(to request: Request) -> Response {
        // An error page, or the response to a POST, is not a representation of the target.
        guard request.selectsRepresentation else {
            return Response(headers: file.fieldsWithoutValidators, body: file.body(0..<size))
        }
        switch request.preconditions(on: file.validators) {
        case .notModified: return .notModified(file.fields, length: size)
        case .failed: return Response(.preconditionFailed)
        case .proceed: break
        }
        switch ranges(for: request) {
        case .whole: return Response(headers: file.fields, body: file.body(0..<size))
        case .parts(let ranges) where ranges.count == 1: return part(ranges[0])
        // The coding is that of the file, and not of several parts with heads between them.
        case .parts where file.coding != nil: return Response(headers: file.fields, body: file.body(0..<size))
        case .parts(let ranges): return MultipartRanges(file: file, ranges: ranges).response()
        case .unsatisfiable:
            // RFC 9110 §15.5.17: the response contains the length of the file.
            return Response(.rangeNotSatisfiable, headers: [.contentRange: "bytes */\(size)"])
        }
    }

    private var size: Int { file.status.size }

    private func part(_ range: Range<Int>) -> Response {
        var headers = file.fields
        headers[.contentRange] = range.contentRange(of: size)
        return Response(.partialContent, headers: headers, body: file.body(range))
    }

    /// Returns the ranges of the request. RFC 9110 §14.2: a range is for GET, and an invalid one is ignored.
    private func ranges(for request: Request) -> ByteRanges {
        guard request.method == .get, let field = request.headers.ascii(.range) else { return .whole }
        var known = file.validators
        // RFC 9110 §8.8.1: a date that several representations share is weak.
        if file.isOneOfSeveral { known.modified = nil }
        guard request.rangeFits(known) else { return .whole }
        return ByteRanges(field, size: size)
    }
}

extension Range<Int> {
    /// Returns the value of `Content-Range` (RFC 9110 §14.4).
    func contentRange(of size: Int) -> String { "bytes \(lowerBound)-\(upperBound - 1)/\(size)" }
}
