#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What tells one state of a file from another.
package struct FileStatus: Sendable {
    package let size: Int
    /// Seconds since 1970.
    package let modified: Int
    package let isRegular: Bool
    private let nanoseconds: Int
    private let device: UInt64
    private let node: UInt64
    private let isSettled: Bool

    package init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    package init?(_ file: OpenFile) {
        var status = stat()
        guard fstat(file.descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        size = Int(status.st_size)
        modified = Int(time.tv_sec)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        nanoseconds = Int(time.tv_nsec)
        device = UInt64(status.st_dev)
        node = UInt64(status.st_ino)
        isSettled = modified + 2 <= Self.now
    }

    /// Seconds since 1970.
    package static var now: Int { time(nil) }

    /// Whether the file is for sure still as it was when this was taken.
    ///
    /// Its time moves in ticks: of one that had just been written, another write in the same tick may not show.
    package func isSurelySame(as later: FileStatus) -> Bool {
        isSettled && self == later
    }

    /// Strong (RFC 9110 §8.8.3): it changes with each write that the file system's clock can tell apart, and is the same
    /// on two servers with the same file. `form` tells it from those of its other forms.
    package func entityTag(_ form: String = "") -> String {
        let parts = [modified, nanoseconds, size].map { String($0, radix: 36) } + (form.isEmpty ? [] : [form])
        return "\"" + parts.joined(separator: "-") + "\""
    }
}

extension FileStatus: Equatable {
    package static func == (left: FileStatus, right: FileStatus) -> Bool {
        (left.size, left.modified, left.nanoseconds) == (right.size, right.modified, right.nanoseconds)
            && (left.device, left.node) == (right.device, right.node)
    }
}
