#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file system in memory that is full after a few KiB, for tests; only root may make one, and on Linux only.
package final class SmallDisk: Sendable {
    private let folder: TemporaryFolder

    package var path: String { folder.path }

    /// Whether one can be made here.
    package static let isAvailable = (try? SmallDisk(kibibytes: 4)) != nil

    package init(kibibytes: Int) throws {
        folder = try TemporaryFolder()
        #if os(Linux)
            guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(kibibytes)k") == 0 else {
                throw CannotMount(code: errno)
            }
        #else
            throw CannotMount(code: ENOTSUP)
        #endif
    }

    deinit {
        #if os(Linux)
            // A file that is still open goes with its last user.
            umount2(folder.path, Int32(MNT_DETACH))
        #endif
    }
}

private struct CannotMount: Error {
    let code: Int32
}
