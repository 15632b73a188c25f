import CarafeApp
import CarafeHTTP
import CarafeRuntime
import HTTPTypes
import NIOCore

/// A file of the folder as it goes out, plain or compressed beforehand: what a response says of it, and its bytes.
struct Representation: Sendable {
    /// What a file may lie beside its plain form in, the favourite first.
    static let codings = [(name: "br", suffix: ".br"), (name: "gzip", suffix: ".gz")]

    enum Source: Sendable {
        case memory(ByteBuffer)
        case file(StaticFile)
    }

    /// The content coding (RFC 9110 §8.4.1); nil for the plain form.
    let coding: String?
    let status: FileStatus
    /// Seconds since 1970.
    private let modified: Int
    var fields: HTTPFields
    private(set) var source: Source
    /// Whether the file has other forms.
    private(set) var isOneOfSeveral = false

    init(_ file: StaticFile, coding: String? = nil, type: String, cacheControl: String) {
        self.coding = coding
        status = file.status
        // RFC 9110 §8.8.2.1: a date that is later than the answer is replaced by the answer's.
        modified = min(file.status.modified, FileStatus.now)
        fields = [
            .contentType: type,
            // Of the same time and length as another form, it is another all the same (RFC 9110 §8.8.1).
            .eTag: file.status.entityTag(coding ?? ""),
            .lastModified: HTTPDate.format(modified),
            .acceptRanges: "bytes",
            .cacheControl: cacheControl,
            // The type is known: a browser must not guess another.
            .xContentTypeOptions: "nosniff",
        ]
        fields[.contentEncoding] = coding
        source = .file(file)
    }

    var validators: Validators { Validators(entityTag: fields[.eTag], modified: modified) }

    /// For an answer that it is not the selected representation of (RFC 9110 §8.8).
    var fieldsWithoutValidators: HTTPFields {
        var fields = fields
        for name in [HTTPField.Name.eTag, .lastModified, .acceptRanges] { fields[name] = nil }
        return fields
    }

    /// RFC 9110 §12.5.5: which of several forms goes out depends on the request.
    mutating func setVaries() {
        isOneOfSeveral = true
        fields[.vary] = "Accept-Encoding"
    }

    /// The same in memory; nil where the file has become shorter meanwhile.
    func inMemory() -> Representation? {
        guard case .file(let file) = source else { return self }
        let bytes = file.slice(0..<status.size).read()
        guard bytes.readableBytes == status.size else { return nil }
        var copy = self
        copy.source = .memory(bytes)
        return copy
    }

    func body(_ range: Range<Int>) -> ResponseBody {
        switch source {
        case .memory(let bytes) where range.count == bytes.readableBytes: .bytes(bytes)
        case .memory(let bytes): .bytes(bytes.getSlice(at: range.lowerBound, length: range.count) ?? ByteBuffer())
        case .file(let file): .file(file.slice(range))
        }
    }

    /// A few bytes, or a piece of many.
    func read(_ range: Range<Int>) -> ByteBuffer {
        switch source {
        case .memory(let bytes): bytes.getSlice(at: range.lowerBound, length: range.count) ?? ByteBuffer()
        case .file(let file): file.slice(range).read()
        }
    }
}
