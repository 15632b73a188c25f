import CarafeHTTP

/// The limits of a multipart body. Past a limit the client gets 413.
///
/// The whole is bounded by the body's own limit, `bodyLimit:` of the route, which is 1 MiB by default.
public struct MultipartLimits: Sendable {
    /// The number of parts, fields and files together: 1,000.
    public var parts = 1000
    /// The header fields of one part, in bytes: 8 KiB.
    public var headBytes = 8 << 10
    /// A field, in bytes: 64 KiB.
    public var fieldBytes = 64 << 10
    /// A file, in bytes: limited by the body only.
    public var fileBytes = Int.max
    /// All names, fields and small files in memory, in bytes: 256 KiB. Past it, files go to disk, and fields get 413.
    public var memoryBytes = 256 << 10
    /// The folder of the files that go to disk; nil for `TMPDIR`, else `/tmp`.
    public var temporaryFolder: String?

    /// Creates the default limits.
    public init() {}

    var parserLimits: MultipartParser.Limits {
        var limits = MultipartParser.Limits()
        limits.partCount = parts
        limits.headLength = headBytes
        return limits
    }
}
