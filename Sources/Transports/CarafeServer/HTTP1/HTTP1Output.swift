import CarafeHTTP
import CarafeRuntime
import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The bytes that a connection sends: gathered here, so that a head and its body, and the answers to one read, leave in
/// one write.
// Unchecked: touched on the channel's event loop only.
final class HTTP1Output: @unchecked Sendable {
    /// The length up to which a body leaves in one buffer with its head, and so in one write.
    static let smallBody = 64 << 10
    /// The size of most heads at most, so that head and body are allocated together.
    private static let typicalHeadSize = 384

    private let eventLoop: any EventLoop
    /// Nil before the connection is in its pipeline, and after.
    var context: ChannelHandlerContext?
    // Exclusivity is not checked at run time where each response passes: no call that changes it leads back to it.
    @exclusivity(unchecked) var bytes = ByteBuffer()

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    var isWritable: Bool { context?.channel.isWritable == true }

    /// Makes one piece of memory for a head and a body of this length.
    func reserve(bodyLength: Int) {
        bytes.reserveCapacity(minimumWritableBytes: Self.typicalHeadSize + bodyLength)
    }

    /// Writes bytes after those that were gathered and handed over.
    func write(_ piece: ByteBuffer) {
        context?.write(NIOAny(IOData.byteBuffer(piece)), promise: nil)
    }

    /// Has the system send a part of a file by itself (sendfile(2)).
    func write(_ slice: FileSlice) throws {
        // Of a file that is cut off later, SwiftNIO tries to send the missing part until the write time is over.
        guard slice.isWithinFile else { throw TruncatedFileError() }
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: slice.file.descriptor)
        let region = FileRegion(fileHandle: handle, readerIndex: slice.offset, endIndex: slice.offset + slice.count)
        let promise = eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [file = slice.file] _ in
            // The descriptor is the file's, which has to stay open up to here.
            withExtendedLifetime(file) { _ = try? handle.takeDescriptorOwnership() }
        }
        context?.write(NIOAny(IOData.fileRegion(region)), promise: promise)
    }

    /// Hands over the gathered bytes; a flush sends them.
    func handOver() {
        guard bytes.readableBytes > 0 else { return }
        write(bytes)
        bytes = ByteBuffer()
    }

    /// Hands the gathered bytes to the socket.
    func flush() {
        handOver()
        context?.flush()
    }

    /// Hands the gathered bytes to the socket.
    ///
    /// - Returns: A future that succeeds when the system has all of them.
    func flushLast() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let last = bytes
        bytes = ByteBuffer()
        if let context {
            context.writeAndFlush(NIOAny(IOData.byteBuffer(last)), promise: promise)
        } else {
            promise.fail(ChannelError.ioOnClosedChannel)
        }
        return promise.futureResult
    }

    /// Closes the connection, so that a client can tell a response that is not complete.
    ///
    /// - Parameter isWithinBody: Whether the end of the connection would be the end of a body that is not complete.
    func close(isWithinBody: Bool, promise: EventLoopPromise<Void>? = nil) {
        guard let context else { return }
        // RFC 9112 §8: a body without a length is complete at a clean end of the connection, and not at a RST.
        guard isWithinBody else { return context.close(promise: promise) }
        if let channel = context.channel as? any SocketOptionProvider {
            channel.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
        }
        // RFC 8446 §6.1: nor without a close_notify, which is sent where the connection is closed above its encryption.
        let encryption = try? context.pipeline.syncOperations.context(name: encryptionHandlerName)
        (encryption ?? context).close(promise: promise)
    }
}
