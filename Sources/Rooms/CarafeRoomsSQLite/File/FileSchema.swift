import CarafeRooms
import GRDB

/// The tables of rooms in a database, beside those of the app.
///
/// An entry's `bytes` and `messages` are running totals of its room with this entry, so that the entries beyond a limit
/// are found from the oldest on without a scan. A room's `age` is the age limit of its entries, `used` the time of its
/// last use, and `due` the time of the next look at what no limit keeps any longer, each in milliseconds.
enum FileSchema {
    /// The version of the tables, in `carafe_file`.
    static let version = 1

    private static let sql = """
        CREATE TABLE IF NOT EXISTS carafe_file (
            key TEXT PRIMARY KEY, value TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS carafe_room (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL, earlier TEXT NOT NULL,
            last INTEGER NOT NULL, bytes INTEGER NOT NULL, messages INTEGER NOT NULL,
            age INTEGER, used INTEGER NOT NULL DEFAULT 0, due INTEGER
        );
        CREATE TABLE IF NOT EXISTS carafe_entry (
            room INTEGER NOT NULL, offset INTEGER NOT NULL, time INTEGER NOT NULL, kind INTEGER NOT NULL,
            message, audience TEXT, subject BLOB, bytes INTEGER NOT NULL, messages INTEGER NOT NULL,
            PRIMARY KEY (room, offset)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS carafe_key (
            room INTEGER NOT NULL, member BLOB NOT NULL, key TEXT NOT NULL, offset INTEGER NOT NULL,
            time INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (room, member, key)
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS carafe_key_offset ON carafe_key (room, offset);
        CREATE TABLE IF NOT EXISTS carafe_claim (
            room INTEGER NOT NULL, name TEXT NOT NULL, node TEXT NOT NULL, connected INTEGER NOT NULL,
            PRIMARY KEY (room, name, node)
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS carafe_claim_node ON carafe_claim (node);
        CREATE TABLE IF NOT EXISTS carafe_node (
            id TEXT PRIMARY KEY, boot TEXT NOT NULL, durability TEXT NOT NULL, lease INTEGER
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS carafe_session (
            id TEXT PRIMARY KEY, bytes BLOB NOT NULL, end INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS carafe_session_end ON carafe_session (end);
        """

    /// Creates the tables and columns that are missing.
    static func create(in database: Database) throws {
        try database.execute(sql: sql)
        if try !database.columns(in: "carafe_key").contains(where: { $0.name == "time" }) {
            try database.execute(sql: "ALTER TABLE carafe_key ADD COLUMN time INTEGER NOT NULL DEFAULT 0")
        }
        if try !database.columns(in: "carafe_room").contains(where: { $0.name == "due" }) {
            // Of an earlier program of this version, which may still run.
            let now = WallClock.milliseconds
            try database.execute(
                sql: """
                    ALTER TABLE carafe_room ADD COLUMN age INTEGER;
                    ALTER TABLE carafe_room ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE carafe_room ADD COLUMN due INTEGER;
                    UPDATE carafe_room SET used = \(now), due = \(now);
                    """)
        }
        try database.execute(
            sql: "CREATE INDEX IF NOT EXISTS carafe_room_due ON carafe_room (due) WHERE due IS NOT NULL")
    }
}
