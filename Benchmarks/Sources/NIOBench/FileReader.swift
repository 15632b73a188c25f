import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads small files whole: one trip to the thread pool, and one write for head and body.
struct FileReader: Sendable {
    var folder: String
    var pool: NIOThreadPool

    func load(_ name: String, on loop: any EventLoop) -> EventLoopFuture<ByteBuffer> {
        pool.runIfActive(eventLoop: loop) {
            guard !name.contains("..") else { throw IOError(errnoCode: ENOENT, reason: name) }
            let descriptor = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "open \(name)") }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw IOError(errnoCode: errno, reason: "fstat \(name)") }
            return try contents(of: descriptor, length: Int(status.st_size))
        }
    }

    private func contents(of descriptor: CInt, length: Int) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: length)
        while buffer.readableBytes < length {
            let missing = length - buffer.readableBytes
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { bytes in
                // The buffer lends its own memory; read(2) writes at most `missing` bytes into it.
                let count = read(descriptor, bytes.baseAddress, missing)
                guard count > 0 else { throw IOError(errnoCode: errno, reason: "read") }
                return count
            }
        }
        return buffer
    }
}
