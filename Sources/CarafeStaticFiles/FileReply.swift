import CarafeApp
import HTTPTypes

/// Answers a request with a file: whole, a part of it, or the word that the client has it already.
struct FileReply {
    let file: StaticFile

    func response(to request: Request) -> Response {
        var headers: HTTPFields = [
            .contentType: ContentType.of(file.name),
            .eTag: file.entityTag,
            .lastModified: HTTPDate.format(file.modified),
            .acceptRanges: "bytes",
            // Ask each time whether it has changed; the answer is mostly 304.
            .cacheControl: "no-cache",
            // The type is known: a browser must not guess another.
            .xContentTypeOptions: "nosniff",
        ]
        if isUnchanged(for: request) { return Response(.notModified, headers: headers) }
        switch range(for: request) {
        case .whole: return Response(headers: headers, body: body(0..<file.size))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
            return Response(.partialContent, headers: headers, body: body(range))
        case .unsatisfiable:
            // RFC 9110 §15.5.17: the answer says how long the file is.
            return Response(.rangeNotSatisfiable, headers: [.contentRange: "bytes */\(file.size)"])
        }
    }

    private func body(_ range: Range<Int>) -> ResponseBody {
        .file(FileSlice(file.file, offset: range.lowerBound, count: range.count))
    }

    /// RFC 9110 §13.2.2: the date counts only where no tag was sent.
    private func isUnchanged(for request: Request) -> Bool {
        if let tags = request.headers.ascii(.ifNoneMatch) {
            return tags.split(separator: ",").contains { tag in
                let tag = tag.drop { $0 == " " }.prefix { $0 != " " }
                // RFC 9110 §13.1.2: the comparison is weak.
                return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == file.entityTag
            }
        }
        if let date = request.headers.ascii(.ifModifiedSince).flatMap(HTTPDate.parse) { return file.modified <= date }
        return false
    }

    /// RFC 9110 §14.2: a range is for GET, and one that is not understood is passed over.
    private func range(for request: Request) -> ByteRange {
        guard request.method == .get, let field = request.headers.ascii(.range) else { return .whole }
        if let condition = request.headers.ascii(.ifRange), condition != file.entityTag,
            HTTPDate.parse(condition) != file.modified
        {
            return .whole
        }
        return ByteRange(field, size: file.size)
    }
}
