public import CarafeApp
import CarafeRuntime
import FoundationEssentials
import HTTPTypes
public import NIOCore
import NIOPosix

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file of a form: in memory if it is small, else in a temporary file that disappears with the last copy of this
/// value.
public struct UploadedFile: Sendable {
    enum Content: Sendable {
        case memory(ByteBuffer)
        case disk(FileSlice)
    }

    /// The name of its field.
    public let fieldName: String
    /// The file name that the client sent, any text at all. Never use it as a path: use `safeName`.
    public let fileName: String
    /// The content type that the client claims. Check the content before you rely on it.
    public let contentType: String?
    let content: Content

    /// A name for a file on this computer, made from the client's: one path component of letters, digits, `-`, `_` and
    /// `.`, at most 200 bytes, never hidden and never empty. Two files may have the same.
    public var safeName: String { CarafeMultipart.safeName(fileName) }

    /// The number of bytes.
    public var count: Int {
        switch content {
        case .memory(let bytes): bytes.readableBytes
        case .disk(let slice): slice.count
        }
    }

    /// Whether the file was too large for memory.
    public var isOnDisk: Bool { if case .disk = content { true } else { false } }

    /// The content as the body of a response.
    public var body: ResponseBody {
        switch content {
        case .memory(let bytes): .bytes(bytes)
        case .disk(let slice): .file(slice)
        }
    }

    /// Reads the whole content into memory.
    ///
    /// - Parameter limit: The largest content in bytes: 16 MiB.
    /// - Throws: 413 past the limit, and `TemporaryFileError` if the disk fails.
    public func bytes(upTo limit: Int = 16 << 20) async throws -> ByteBuffer {
        guard count <= limit else {
            throw HTTPError(.contentTooLarge, "Expected \(fieldName.debugDescription) to have at most \(limit) bytes.")
        }
        switch content {
        case .memory(let bytes): return bytes
        case .disk(let slice):
            let bytes = try await NIOThreadPool.singleton.runIfActive { slice.read() }
            guard bytes.readableBytes == slice.count else { throw TemporaryFileError.unreadable }
            return bytes
        }
    }

    /// Copies the content into a new file, on another thread.
    ///
    /// An incomplete file is removed, and an existing one stays until the new one is complete.
    ///
    /// - Parameters:
    ///   - path: The path of the new file.
    ///   - overwriting: Whether to replace an existing file.
    /// - Throws: `TemporaryFileError`, also if the file exists and `overwriting` is false.
    public func save(to path: String, overwriting: Bool = false) async throws {
        // The system would take the text before a NUL for the whole path.
        guard !path.utf8.contains(0) else { throw TemporaryFileError(path: path, step: "make a file", code: EINVAL) }
        let content = content
        try await NIOThreadPool.singleton.runIfActive {
            let new = overwriting ? "\(path).carafe-\(UUID().uuidString)" : path
            let descriptor = open(new, O_WRONLY | O_CREAT | O_CLOEXEC | O_EXCL, 0o644)
            guard descriptor >= 0 else { throw TemporaryFileError(path: path, step: "make a file", code: errno) }
            do {
                try content.copy(to: OpenFile(descriptor: descriptor), called: path)
                guard !overwriting || rename(new, path) == 0 else {
                    throw TemporaryFileError(path: path, step: "replace", code: errno)
                }
            } catch {
                unlink(new)
                throw error
            }
        }
    }
}

extension UploadedFile.Content {
    fileprivate func copy(to file: OpenFile, called path: String) throws {
        switch self {
        case .memory(let bytes): try file.write(bytes, at: 0, called: path)
        case .disk(let slice):
            var done = 0
            while done < slice.count {
                let count = min(256 << 10, slice.count - done)
                let piece = FileSlice(slice.file, offset: slice.offset + done, count: count).read()
                guard piece.readableBytes == count else { throw TemporaryFileError.unreadable }
                try file.write(piece, at: done, called: path)
                done += count
            }
        }
    }
}
