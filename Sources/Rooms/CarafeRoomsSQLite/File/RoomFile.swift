import CarafeRooms
import Foundation
import GRDB
import Logging

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
        let file = LogIndexFile(besides: path)
        let before = file?.index
        do {
            let database = try DatabasePool(path: path, configuration: configuration)
            if let before, before.hasLost(file?.index) {
                try database.write { try noteLoss(in: $0) }
                Logger(label: "carafe.rooms").warning(
                    "the file's write-ahead log was damaged or removed: messages may be lost, and readers are told a gap",
                    metadata: ["path": "\(path)-wal"])
            }
            return database
        } catch {
            throw RoomFileError(path: path, problem: problem(error))
        }
    }

    /// Lets the next preparation find that entries may be missing.
    private static func noteLoss(in database: Database) throws {
        guard try database.tableExists("carafe_file") else { return }
        try database.execute(sql: "UPDATE carafe_file SET value = '' WHERE key = 'number'")
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
            throw RoomFileError(path: database.path, problem: Self.problem(error))
        }
    }

    private func prepare(_ database: Database, node: String) throws -> String {
        try FileSchema.create(in: database)
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

    /// Returns a problem in one line, with its remedy.
    static func problem(_ error: any Error) -> String {
        switch error {
        case let error as RoomFileError: return error.problem
        case let error as DatabaseError: return problem(error)
        // A value that this program has not written.
        case is RowDecodingError, is DecodingError: return damage
        default: return "\(error)".replacing("\n", with: " ")
        }
    }

    /// Returns whether an error is of a part of the file, so that others may be whole.
    static func isDamage(_ error: any Error) -> Bool { problem(error) == damage }

    private static let damage = "the database is damaged; restore it from a backup, or move it away"

    private static func problem(_ error: DatabaseError) -> String {
        switch error.resultCode {
        case .SQLITE_NOTADB: return "expected a database of SQLite, found another file; name another, or move it away"
        // The tables have no constraint that a step breaks.
        case .SQLITE_CORRUPT, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH: return damage
        case .SQLITE_CANTOPEN: return "the file cannot be opened; expected a folder that exists and can be written"
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return "the file or its folder cannot be written; change its permissions"
        case .SQLITE_FULL: return "the disk is full; make space"
        case .SQLITE_BUSY, .SQLITE_LOCKED: return "another process is writing without an end; stop it"
        case .SQLITE_IOERR: return "the file cannot be read or written (\(error.extendedResultCode)); see to the disk"
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
