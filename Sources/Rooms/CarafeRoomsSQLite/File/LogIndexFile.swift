import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file of the index of a write-ahead log, which SQLite leaves behind when a program is killed.
///
/// POSIX, `fcntl`: "All locks associated with a file for a given process shall be removed when a file descriptor for
/// that file is closed by that process". Without SQLite's locks another process takes the index for its own. So the
/// file is open until the program ends.
struct LogIndexFile {
    private let handle: FileHandle

    /// Opens the index beside a database; nil without one, as after a program that has ended as it should.
    init?(besides path: String) {
        let descriptor = open(FilePlace.resolved(path) + "-shm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    }

    /// The present index; nil without a valid one.
    var index: LogIndex? {
        guard (try? handle.seek(toOffset: 0)) != nil else { return nil }
        return (try? handle.read(upToCount: LogIndex.size)).flatMap { LogIndex([UInt8]($0)) }
    }
}
