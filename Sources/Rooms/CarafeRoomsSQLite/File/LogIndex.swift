/// The index of SQLite's write-ahead log, in the file `-shm`: how far the log was committed.
///
/// After a program was killed, the index still has the end of its last commit, and SQLite makes another from the log. A
/// log that was damaged or removed in between is shorter, and SQLite does not say so: it ignores the unreadable part.
///
/// SQLite, "WAL-mode File Format", section 2.1, "The WAL-Index Header".
struct LogIndex: Equatable {
    /// The number of committed frames in the log.
    let frameCount: UInt32
    /// The number of those that are in the database too.
    let copiedCount: UInt32
    /// A number that grows by one each time that the log begins again, after all of it is in the database.
    let run: UInt32

    /// The greatest number of times that a log begins again while another process opens it.
    private static let runLimit: UInt32 = 1000
    /// The size of the header, in bytes.
    static let size = 100
    private static let version: UInt32 = 3_007_000

    /// Reads the header of an index.
    init?(_ bytes: [UInt8]) {
        // "Two copies of the index information", which differ while one of them is written. Byte 12 is "isInit".
        guard bytes.count >= Self.size, bytes[12] == 1, bytes[0..<48] == bytes[48..<96] else { return nil }
        guard Self.number(bytes[0..<4]) == Self.version else { return nil }
        // "Unsigned integers in the native byte order", but the salt as it is in the log.
        frameCount = Self.number(bytes[16..<20])
        copiedCount = Self.number(bytes[96..<100])
        run = UInt32(bigEndian: Self.number(bytes[32..<36]))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let value = bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
        return UInt32(littleEndian: value)
    }

    /// Returns whether the log has lost frames that were committed, and are not in the database.
    ///
    /// - Parameter later: The index once the database is open again.
    func hasLost(_ later: LogIndex?) -> Bool {
        guard frameCount > copiedCount else { return false }
        guard let later else { return true }
        // Another process may have begun the log again. A log that SQLite could not read has a random number.
        let runs = later.run &- run
        return runs == 0 ? later.frameCount < frameCount : runs > Self.runLimit
    }
}
