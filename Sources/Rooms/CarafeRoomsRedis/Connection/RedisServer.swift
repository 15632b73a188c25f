/// The server process at the other end of a connection, as `INFO` describes it.
package struct RedisServer: Sendable, Equatable {
    /// The time for which this process takes the writes, by a random name: another one after each restart, and after
    /// each promotion.
    package let term: String
    package let version: String
    /// Whether another process takes the writes.
    package let isReplica: Bool

    /// The oldest version with all commands that are sent.
    static let minimumVersion = "6.2"

    /// Whether the version is at least `minimumVersion`.
    var isSupported: Bool {
        let parts = version.split(separator: ".").map { Int($0) ?? 0 }
        return parts.count >= 2 && (parts[0] > 6 || (parts[0] == 6 && parts[1] >= 2))
    }

    package init(term: String, version: String, isReplica: Bool = false) {
        self.term = term
        self.version = version
        self.isReplica = isReplica
    }

    /// Reads the lines `name:value` of the reply.
    ///
    /// - Returns: Nil without a `run_id`, `redis_version` and `master_replid`, which Valkey has too.
    init?(information: String) {
        var fields: [Substring: Substring] = [:]
        for line in information.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        guard let run = fields["run_id"], !run.isEmpty, let version = fields["redis_version"],
            let replication = fields["master_replid"]
        else { return nil }
        // As in term.lua. A promoted replica has a new name for its replication; a process that has had no replica for
        // long, too.
        let term = String(run.prefix(20) + replication.prefix(20))
        self.init(term: term, version: String(version), isReplica: fields["role"] == "slave")
    }
}
