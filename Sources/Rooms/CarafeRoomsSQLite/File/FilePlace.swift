import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The files of a database at their paths, as they were when it was opened.
///
/// SQLite goes on with files that were deleted, renamed or replaced, and a process that opens the path later finds
/// other ones. So nothing may be acknowledged unless the paths lead to the same files.
struct FilePlace: Sendable {
    private struct Identity: Equatable {
        let device: UInt64
        let number: UInt64

        /// Finds the file at a path; nil if there is none.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(truncatingIfNeeded: status.st_dev)
            number = UInt64(truncatingIfNeeded: status.st_ino)
        }
    }

    private let files: [(path: String, identity: Identity)]

    /// Takes the files that are there now. A database in memory has none.
    init(_ path: String) {
        let url = URL(filePath: path).absoluteURL
        // SQLite keeps the log and its index beside the file that a link leads to. Two processes that have different
        // ones damage the database, or lose what one of them commits.
        let file = Self.resolved(path)
        files = [url.path, file + "-wal", file + "-shm"].compactMap { path in Identity(path).map { (path, $0) } }
    }

    /// Returns the path of the file that a path leads to.
    static func resolved(_ path: String) -> String {
        URL(filePath: path).absoluteURL.resolvingSymlinksInPath().path
    }

    /// Checks that the files are where they were.
    ///
    /// - Throws: `RoomFileError` for one that was deleted, renamed or replaced.
    func require() throws {
        for (path, identity) in files where Identity(path) != identity {
            throw RoomFileError(
                path: path,
                problem: "expected the file \(path) that was opened, found it deleted, renamed or replaced; put it "
                    + "back, or restart the program")
        }
    }
}
