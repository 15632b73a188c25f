/// The server process at the other end of a connection, as `INFO server` describes it.
package struct RedisServer: Sendable, Equatable {
    /// A random name of this run of the process: another one after each restart.
    package let runID: String
    package let version: String

    /// The oldest version with all commands that are sent.
    static let minimumVersion = "6.2"

    /// Whether the version is at least `minimumVersion`.
    var isSupported: Bool {
        let parts = version.split(separator: ".").map { Int($0) ?? 0 }
        return parts.count >= 2 && (parts[0] > 6 || (parts[0] == 6 && parts[1] >= 2))
    }

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
