import CarafeHTTP

/// What a multipart body may cost; past a limit the client gets 413.
///
/// The whole is bounded by the body's own limit, `bodyLimit:` of the route, which is 1 MiB unless you say otherwise.
public struct MultipartLimits: Sendable {
    /// Parts, fields and files together: 1,000.
    public var partCount = 1000
    /// Bytes of the header fields of one part: 8 KiB.
    public var headLength = 8 << 10
    /// Bytes of a field: 64 KiB.
    public var fieldLength = 64 << 10
    /// Bytes of a file: as many as the body may have.
    public var fileLength = Int.max
    /// Bytes of all names, fields and small files that may be in memory: 256 KiB. Files that find no room go to disk,
    /// fields get 413.
    public var memoryLength = 256 << 10
    /// Where the files are that went to disk; nil is `TMPDIR`, else `/tmp`.
    public var temporaryFolder: String?

    /// The defaults.
    public init() {}

    var parserLimits: MultipartParser.Limits {
        var limits = MultipartParser.Limits()
        limits.partCount = partCount
        limits.headLength = headLength
        return limits
    }
}
