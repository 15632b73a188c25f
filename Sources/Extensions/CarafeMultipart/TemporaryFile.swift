import CarafeApp
import CarafeRuntime
import FoundationEssentials
import NIOCore
import NIOPosix

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file without a name, which disappears with its last user, however that ends: also by a throw, a cancellation or a
/// crash. All files of a request share one, so that many small ones need no more descriptors than a large one.
struct TemporaryFile: Sendable {
    /// The bytes that are collected in memory before a write, so that small pieces do not each cost a thread hop.
    private static let pieceLength = 128 << 10

    let file: OpenFile
    private(set) var length = 0
    private var waiting = ByteBuffer()

    /// Creates a file, on another thread.
    ///
    /// - Throws: `TemporaryFileError`.
    static func make(in folder: String?) async throws -> TemporaryFile {
        let folder = folder ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        return try await NIOThreadPool.singleton.runIfActive {
            // An unguessable name, so that nobody can have created it before.
            let path = "\(folder)/carafe-\(UUID().uuidString)"
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw TemporaryFileError(path: folder, step: "make a file", code: errno) }
            let file = OpenFile(descriptor: descriptor)
            guard unlink(path) == 0 else { throw TemporaryFileError(path: path, step: "unlink", code: errno) }
            return TemporaryFile(file: file)
        }
    }

    private init(file: OpenFile) {
        self.file = file
    }

    /// Appends bytes.
    mutating func append(_ bytes: ByteBuffer) async throws {
        waiting.writeImmutableBuffer(bytes)
        if waiting.readableBytes >= Self.pieceLength { try await flush() }
    }

    /// Writes the collected bytes.
    mutating func flush() async throws {
        guard waiting.readableBytes > 0 else { return }
        let bytes = waiting
        let offset = length
        waiting = ByteBuffer()
        length += bytes.readableBytes
        try await NIOThreadPool.singleton.runIfActive { [file] in
            try file.write(bytes, at: offset, called: "a temporary file")
        }
    }
}

extension OpenFile {
    /// Writes all bytes. It blocks, so call it on a thread that may.
    func write(_ bytes: ByteBuffer, at offset: Int, called name: String) throws {
        // The pointer does not leave this call.
        try bytes.withUnsafeReadableBytes { input in
            var done = 0
            while done < input.count {
                let count = pwrite(
                    descriptor, input.baseAddress.map { $0 + done }, input.count - done, off_t(offset + done))
                if count < 0, errno == EINTR { continue }
                guard count != 0 else { throw TemporaryFileError(path: name, step: "write", code: ENOSPC) }
                guard count > 0 else { throw TemporaryFileError(path: name, step: "write", code: errno) }
                done += count
            }
        }
    }
}

/// An error for a file that could not be created, written or read.
public struct TemporaryFileError: Error, Equatable, CustomStringConvertible {
    /// The file, or its folder.
    public var path: String
    /// The step that failed.
    public var step: String
    /// The system's error number.
    public var code: Int32

    static let unreadable = TemporaryFileError(path: "a temporary file", step: "read", code: EIO)

    /// A description with the step, the path and the system's message.
    public var description: String { "cannot \(step): \(path): \(String(cString: strerror(code)))" }
}
