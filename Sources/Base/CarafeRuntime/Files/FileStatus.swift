#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The facts that distinguish one state of a file from another.
package struct FileStatus: Sendable {
    package let size: Int
    /// Seconds since 1970.
    package let modified: Int
    package let isRegular: Bool
    package let nanoseconds: Int
    private let device: UInt64
    private let node: UInt64
    private let isSettled: Bool
    package let mayChangeUnseen: Bool

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
        mayChangeUnseen = Self.isWithinTick(time)
    }

    /// Returns whether a write at this moment could leave the time unchanged.
    ///
    /// The time is that of the kernel's last tick, 10 ms ago at most (on Linux `HZ` is 100 or more). A file system that
    /// keeps whole seconds, or two, has no nanoseconds.
    private static func isWithinTick(_ time: timespec) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let age = Duration.seconds(now.tv_sec - time.tv_sec) + .nanoseconds(now.tv_nsec - time.tv_nsec)
        let tick = time.tv_nsec == 0 ? Duration.seconds(2) : .milliseconds(20)
        return (.zero - tick)...tick ~= age
    }

    /// Seconds since 1970.
    package static var now: Int { time(nil) }

    /// Returns whether the file has certainly not changed since this status was taken.
    ///
    /// A file's time moves in ticks. Just after a write, another write in the same tick may not show.
    package func isSurelySame(as later: FileStatus) -> Bool {
        isSettled && self == later
    }
}

extension FileStatus: Equatable {
    package static func == (left: FileStatus, right: FileStatus) -> Bool {
        (left.size, left.modified, left.nanoseconds) == (right.size, right.modified, right.nanoseconds)
            && (left.device, left.node) == (right.device, right.node)
    }
}
