package import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An open file that is closed when its last reference is released.
public final class OpenFile: Sendable {
    package let descriptor: Int32

    /// Takes over an open descriptor.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}

/// A range of bytes in an open file.
public struct FileSlice: Sendable {
    package let file: OpenFile
    package let offset: Int
    package let count: Int

    package init(_ file: OpenFile, offset: Int, count: Int) {
        self.file = file
        self.offset = offset
        self.count = count
    }

    /// Returns the bytes in memory; fewer if the file has become shorter or cannot be read.
    package func read() -> ByteBuffer {
        var bytes = ByteBuffer()
        read(into: &bytes)
        return bytes
    }

    /// Appends the slice's bytes to `bytes`.
    ///
    /// - Returns: The number of bytes that were read, which is less than `count` if the file has become shorter or
    ///   cannot be read.
    @discardableResult
    package func read(into bytes: inout ByteBuffer) -> Int {
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            // `pread` fills the buffer's own space; the base address is not nil because space was reserved.
            var have = 0
            while have < count {
                let got = pread(descriptor, space.baseAddress.map { $0 + have }, count - have, off_t(offset + have))
                if got <= 0 { break }
                have += got
            }
            return have
        }
    }

    /// Whether the file still contains the whole range.
    package var isWithinFile: Bool {
        FileStatus(file).map { $0.size >= offset + count } ?? false
    }

    private var descriptor: Int32 { file.descriptor }
}
