/// The limits of one HTTP/2 connection. Past a limit the stream is reset or refused, or the connection closed.
///
/// The limits on heads, bodies and time are those of HTTP/1.1. Further ones are SwiftNIO's own: 200 streams that the
/// client resets or breaks in 30 seconds (the "rapid reset" of CVE-2023-44487), 200 control frames in 30 seconds that
/// ask for an answer, 5 continuation frames, one empty data frame in a row.
public struct HTTP2Limits: Sendable {
    /// Requests at the same time: 100. A client that makes more loses the connection.
    public var concurrentStreams = 100

    /// Bytes of a request's body that may be on their way before its handler reads them: 64 KiB.
    public var streamWindow = 64 << 10

    /// Bytes of bodies that may wait for all requests of a connection together: 256 KiB.
    public var connectionWindow = 256 << 10

    /// Creates the default limits.
    public init() {}
}
