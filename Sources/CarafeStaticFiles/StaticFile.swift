import CarafeApp

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An open regular file.
struct StaticFile: Sendable {
    let file: OpenFile
    let name: String
    let status: FileStatus

    init?(_ file: OpenFile, name: String) {
        var status = stat()
        guard fstat(file.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.file = file
        self.name = name
        self.status = FileStatus(status)
    }

    /// A run of its bytes.
    func slice(_ range: Range<Int>) -> FileSlice {
        FileSlice(file, offset: range.lowerBound, count: range.count)
    }
}

/// What tells one state of a file from another.
struct FileStatus: Equatable, Sendable {
    let size: Int
    /// Seconds since 1970.
    let modified: Int
    private let nanoseconds: Int
    // Not in the tag: two servers with the same file agree on that.
    private let node: UInt64

    init(_ status: stat) {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        size = Int(status.st_size)
        modified = Int(time.tv_sec)
        nanoseconds = Int(time.tv_nsec)
        node = UInt64(status.st_ino)
    }

    /// Strong (RFC 9110 §8.8.3): it changes with each write that the file system's clock can tell apart.
    var entityTag: String {
        "\"" + [modified, nanoseconds, size].map { String($0, radix: 36) }.joined(separator: "-") + "\""
    }
}
