import CarafeApp
import CarafeHTTP
import CarafeRuntime
import HTTPTypes
import NIOCore

/// A file of the folder as it is sent, plain or compressed in advance: its header fields and its bytes.
struct Representation: Sendable {
    /// The codings in which a file may exist beside its plain form, in order of preference.
    static let codings = [(name: "br", suffix: ".br"), (name: "gzip", suffix: ".gz")]

    enum Source: Sendable {
        case memory(ByteBuffer)
        case file(StaticFile)
    }

    /// The content coding (RFC 9110 §8.4.1); nil for the plain form.
    let coding: String?
    let status: FileStatus
    /// The time of the last change, in seconds since 1970.
    private let modified: Int
    var fields: HTTPFields
    private(set) var source: Source
    /// Whether the file has other representations.
    private(set) var isOneOfSeveral = false

    init(_ file: StaticFile, coding: String? = nil, type: String, cacheControl: String) {
        self.coding = coding
        status = file.status
        // RFC 9110 §8.8.2.1: a date later than that of the response is replaced by the latter.
        modified = min(file.status.modified, FileStatus.now)
        fields = [
            .contentType: type,
            // Different from the tag of another representation of the same time and length (RFC 9110 §8.8.1).
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

    /// The header fields for a response that is not the selected representation (RFC 9110 §8.8).
    var fieldsWithoutValidators: HTTPFields {
        var fields = fields
        for name in [HTTPField.Name.eTag, .lastModified, .acceptRanges] { fields[name] = nil }
        return fields
    }

    /// RFC 9110 §12.5.5: the choice among several representations depends on the request.
    mutating func setVaries() {
        isOneOfSeveral = true
        fields[.vary] = "Accept-Encoding"
    }

    /// Returns the representation in memory, or nil if the file has become shorter.
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

    /// Reads a few bytes, or a piece of many.
    func read(_ range: Range<Int>) -> ByteBuffer {
        switch source {
        case .memory(let bytes): bytes.getSlice(at: range.lowerBound, length: range.count) ?? ByteBuffer()
        case .file(let file): file.slice(range).read()
        }
    }
}
