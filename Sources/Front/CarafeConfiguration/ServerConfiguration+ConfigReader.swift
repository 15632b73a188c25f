public import CarafeServer
public import Configuration
import Logging

extension ServerConfiguration {
    /// Reads a server's configuration. A missing key keeps its default.
    ///
    /// ```swift
    /// await run { server in
    ///     let config = try await ConfigReader.standard(file: "app.json")
    ///     server = try ServerConfiguration(config.scoped(to: "server"))
    ///     return try makeApp(config)
    /// }
    /// ```
    ///
    /// | key | value |
    /// |---|---|
    /// | `host`, `port` | the address to listen on |
    /// | `threads` | event loops |
    /// | `backlog` | connections that wait to be accepted |
    /// | `accessLog` | whether each request is logged |
    /// | `logLevel` | `trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical` |
    /// | `limits.requestLineBytes`, `limits.headerBytes` | bytes |
    /// | `limits.headerFields` | fields |
    /// | `limits.connections`, `limits.connectionsPerAddress` | open connections |
    /// | `timeouts.head`, `.body`, `.idle`, `.write`, `.linger`, `.shutdown` | seconds, fractions too |
    /// | `timeouts.bodyRate` | bytes per second |
    ///
    /// - Throws: `ConfigurationError` for a value that cannot be converted to the type of its key.
    public init(_ config: ConfigReader) throws(ConfigurationError) {
        self.init()
        let values = ConfigValues(config: config)
        try values.read("host", &host)
        try values.read("port", &port, in: 0...65_535)
        var threads = threads ?? 0
        try values.read("threads", &threads, in: 1...1024)
        if threads > 0 { self.threads = threads }
        try values.read("backlog", &backlog, in: 1...65_535)
        try values.read("accessLog", &accessLog)
        try values.read("logLevel", &logger.logLevel)
        let limits = ConfigValues(config: config.scoped(to: "limits"), scope: "limits.")
        try limits.read("requestLineBytes", &self.limits.requestLineBytes, in: 64...1 << 20)
        try limits.read("headerBytes", &self.limits.headerBytes, in: 64...16 << 20)
        try limits.read("headerFields", &self.limits.headerFields, in: 1...100_000)
        try limits.read("connections", &self.limits.connections, in: 1...Int.max)
        try limits.read("connectionsPerAddress", &self.limits.connectionsPerAddress, in: 1...Int.max)
        let timeouts = ConfigValues(config: config.scoped(to: "timeouts"), scope: "timeouts.")
        try timeouts.read("head", &self.timeouts.head)
        try timeouts.read("body", &self.timeouts.body)
        try timeouts.read("bodyRate", &self.timeouts.bodyRate, in: 0...1 << 30)
        try timeouts.read("idle", &self.timeouts.idle)
        try timeouts.read("write", &self.timeouts.write)
        try timeouts.read("linger", &self.timeouts.linger)
        try timeouts.read("shutdown", &self.timeouts.shutdown)
    }
}
