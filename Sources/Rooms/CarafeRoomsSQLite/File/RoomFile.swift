import CarafeRooms
import Foundation
import GRDB

/// The opening of a file with rooms: its tables, its version, and the question whether it has lost something.
struct RoomFile {
    /// The run of the machine, which a power cut ends.
    let boot: String
    let durability: FileDurability

    private static var configuration: Configuration {
        var configuration = Configuration()
        // Another process may be writing, such as the one before this at a restart.
        configuration.busyMode = .timeout(1)
        return configuration
    }

    /// Opens a database of its own.
    ///
    /// - Throws: `RoomFileError`.
    static func open(_ path: String) throws -> DatabasePool {
        do {
            return try DatabasePool(path: path, configuration: configuration)
        } catch {
            throw RoomFileError(path: path, problem: problem(error, path))
        }
    }

    /// Creates the tables where they are missing, and registers this process.
    ///
    /// - Returns: An identifier of the file.
    /// - Throws: `RoomFileError`.
    func prepare(_ database: any DatabaseWriter, node: String) throws -> String {
        do {
            return try database.writeWithoutTransaction { database in
                // A `DatabasePool` sets NORMAL after its configuration was applied. 2 is FULL.
                if durability == .full, try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? 0 < 2 {
                    try database.execute(sql: "PRAGMA synchronous = FULL")
                }
                var identifier = ""
                try database.inTransaction(.immediate) {
                    identifier = try prepare(database, node: node)
                    return .commit
                }
                return identifier
            }
        } catch let error as RoomFileError {
            throw error
        } catch {
            throw RoomFileError(path: database.path, problem: Self.problem(error, database.path))
        }
    }

    private func prepare(_ database: Database, node: String) throws -> String {
        try database.execute(sql: FileSchema.sql)
        if let version = try value("version", database).flatMap({ Int($0) }), version > FileSchema.version {
            let path = try String.fetchOne(database, sql: "SELECT file FROM pragma_database_list WHERE name = 'main'")
            throw RoomFileError(
                path: path ?? "",
                problem: "expected tables of version \(FileSchema.version), found \(version), which a "
                    + "later version of Carafe has made; use that version, or another file")
        }
        try set("version", "\(FileSchema.version)", database)
        let identifier = try value("file", database) ?? UUID().uuidString
        try set("file", identifier, database)
        if try hasLost(database) {
            let transaction = RoomTransaction(database)
            try transaction.beginEpochs()
            try transaction.finish()
        }
        // The nodes of an earlier run of the machine are gone.
        for other in try String.fetchAll(database, sql: "SELECT id FROM carafe_node WHERE boot <> ?", arguments: [boot])
        {
            try Self.reap(other, database)
        }
        try register(node, database)
        return identifier
    }

    /// Adds this process, without a lease before its first claim.
    func register(_ node: String, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO carafe_node VALUES (?, ?, ?, NULL)", arguments: [node, boot, durability.rawValue])
    }

    /// Returns whether acknowledged entries may be missing: after a power cut without `full`, and in another file than
    /// the one that was last written, such as an earlier copy of it.
    private func hasLost(_ database: Database) throws -> Bool {
        let path = try String.fetchOne(database, sql: "SELECT file FROM pragma_database_list WHERE name = 'main'") ?? ""
        let attributes = path.isEmpty ? nil : try? FileManager.default.attributesOfItem(atPath: path)
        let number = (attributes?[.systemFileNumber] as? NSNumber).map { "\($0)" } ?? ""
        let known = try value("number", database)
        try set("number", number, database)
        let wasCut = try Int.fetchOne(
            database, sql: "SELECT 1 FROM carafe_node WHERE boot <> ? AND durability = 'normal' LIMIT 1",
            arguments: [boot])
        return wasCut != nil || known.map { $0 != number } ?? false
    }

    private func value(_ key: String, _ database: Database) throws -> String? {
        try String.fetchOne(database, sql: "SELECT value FROM carafe_file WHERE key = ?", arguments: [key])
    }

    private func set(_ key: String, _ value: String, _ database: Database) throws {
        try database.execute(sql: "INSERT OR REPLACE INTO carafe_file VALUES (?, ?)", arguments: [key, value])
    }

    /// Ends the claims of a node, and forgets it.
    static func reap(_ node: String, _ database: Database) throws {
        let transaction = RoomTransaction(database)
        try transaction.endClaims(of: node)
        try transaction.finish()
        try database.execute(sql: "DELETE FROM carafe_node WHERE id = ?", arguments: [node])
    }

    // MARK: Problems

    /// Returns a problem in words, with its remedy.
    static func problem(_ error: any Error, _ path: String) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        switch error.resultCode {
        case .SQLITE_NOTADB: return "expected a database of SQLite, found another file; name another, or move it away"
        case .SQLITE_CORRUPT: return "the database is damaged; restore it from a backup, or move it away"
        case .SQLITE_CANTOPEN: return "the file cannot be opened; expected a folder that exists and can be written"
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return "the file or its folder cannot be written; change its permissions"
        case .SQLITE_FULL: return "the disk is full; make space"
        case .SQLITE_BUSY, .SQLITE_LOCKED: return "another process is writing without an end; stop it"
        default: return error.message ?? "\(error.resultCode)"
        }
    }

    /// The present run of the machine.
    static var boot: String {
        #if os(Linux)
            let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
            return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        #else
            var size = 0
            guard sysctlbyname("kern.bootsessionuuid", nil, &size, nil, 0) == 0 else { return "" }
            var bytes = [UInt8](repeating: 0, count: size)
            guard sysctlbyname("kern.bootsessionuuid", &bytes, &size, nil, 0) == 0 else { return "" }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        #endif
    }
}
