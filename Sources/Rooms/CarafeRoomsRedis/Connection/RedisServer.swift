/// The server process at the other end of a connection, as `INFO server` describes it.
package struct RedisServer: Sendable, Equatable {
    /// A random name of this run of the process: another one after each restart.
    package let runID: String
    package let version: String

    package init(runID: String, version: String) {
        self.runID = runID
        self.version = version
    }

    /// Reads the lines `name:value` of the reply.
    ///
    /// - Returns: Nil without a `run_id` and a `redis_version`, which Valkey has too.
    init?(information: String) {
        var fields: [Substring: Substring] = [:]
        for line in information.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        guard let runID = fields["run_id"], !runID.isEmpty, let version = fields["redis_version"] else { return nil }
        self.init(runID: String(runID), version: String(version))
    }
}
