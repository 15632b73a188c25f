import CarafeHTTP
import CarafeRuntime
import Logging
import NIOCore
import NIOEmbedded
import Synchronization

@testable import CarafeServer

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A connection of the server in memory: the test sends bytes, reads what comes back, and lets time pass.
final class TestConnection: Sendable {
    let channel: NIOAsyncTestingChannel
    let executor: EventLoopExecutor
    private let socket: SocketStub

    /// - Parameters:
    ///   - executor: that of another connection, with which it shares the event loop; nil makes one.
    ///   - onWrite: is called with each write to the socket.
    init(
        _ configure: (inout ServerConfiguration) -> Void = { _ in }, on executor: EventLoopExecutor? = nil,
        onWrite: @escaping @Sendable () -> Void = {}, handler: @escaping Handler
    ) async throws {
        var configuration = ServerConfiguration(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        configuration.accessLog = false
        configure(&configuration)
        let service = HTTPService(handler: handler, configuration: configuration)
        let eventLoop = executor?.eventLoop as? NIOAsyncTestingEventLoop ?? NIOAsyncTestingEventLoop()
        let executor = executor ?? EventLoopExecutor(eventLoop: eventLoop, turnTime: TurnTime(limit: nil))
        self.executor = executor
        let peer = try SocketAddress(ipAddress: "192.0.2.7", port: 4711)
        let channel = NIOAsyncTestingChannel(loop: eventLoop)
        let socket = SocketStub(onWrite: onWrite)
        self.channel = channel
        self.socket = socket
        try await eventLoop.executeInContext {
            let connection = HTTPConnection(
                service: service,
                connection: Connection(executor: executor, peerAddress: peer, logger: service.configuration.logger))
            try channel.pipeline.syncOperations.addHandlers([socket, connection])
        }
        try await channel.connect(to: peer).get()
    }

    /// Whether the server may still send.
    var isOpen: Bool { isConnected && !socket.isOutputClosed.withLock { $0 } }

    /// Whether the socket is there at all.
    var isConnected: Bool { channel.isActive }

    /// The number of times that the server has asked its socket for bytes.
    var readCount: Int { socket.readCount.withLock { $0 } }

    func send(_ text: String) async throws {
        try await send(ByteBuffer(string: text))
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeInbound(bytes)
        await channel.testingEventLoop.run()
    }

    /// The bytes that the server has sent since the last call, without waiting.
    func received() async throws -> String {
        await channel.testingEventLoop.run()
        var text = ""
        while let piece = try await channel.readOutbound(as: IOData.self) { text += piece.text }
        return text
    }

    /// The next single write of the server, without waiting.
    func receivedWrite() async throws -> ByteBuffer? {
        guard case .byteBuffer(let bytes)? = try await channel.readOutbound(as: IOData.self) else { return nil }
        return bytes
    }

    /// Lets the event loop do what it has to do now.
    func run() async {
        await channel.testingEventLoop.run()
    }

    /// Waits for this text, and returns the bytes that the server sends up to it.
    func received(until end: String) async throws -> String {
        var text = ""
        while !text.contains(end) { text += try await channel.waitForOutboundWrite(as: IOData.self).text }
        return text
    }

    /// Sends a request, and returns the bytes that came back for it at once.
    func answer(to request: String) async throws -> String {
        try await send(request)
        return try await received()
    }

    func advanceTime(by amount: TimeAmount) async {
        await channel.testingEventLoop.advanceTime(by: amount)
    }

    /// The socket takes so many writes, and is full then.
    func setRoom(writes: Int) async throws {
        socket.writesUntilFull.withLock { $0 = writes }
        channel.isWritable = writes > 0
        try await onLoop { $0.pipeline.fireChannelWritabilityChanged() }
    }

    /// With true, what the server writes stays in the channel; with false, the socket takes all of it.
    func setHolding(_ holds: Bool) async throws {
        let taken = socket.held.withLock { held in
            defer { held = holds ? [] : nil }
            return held ?? []
        }
        try await onLoop { _ in for promise in taken { promise?.succeed() } }
    }

    /// The client closes its sending side.
    func finishSending() async throws {
        try await onLoop { $0.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }

    /// The server is told to stop.
    func stop() async throws {
        try await onLoop { $0.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    /// The client goes away.
    func dropConnection() async throws {
        try await channel.close().get()
        await channel.testingEventLoop.run()
    }

    /// Asks for bytes as NIO does after each read; whether the server lets it.
    func asksForBytes() async throws -> Bool {
        let before = readCount
        try await onLoop { $0.pipeline.read() }
        return readCount > before
    }

    private func onLoop(_ body: @escaping @Sendable (NIOAsyncTestingChannel) -> Void) async throws {
        try await channel.testingEventLoop.executeInContext { [channel] in body(channel) }
        await channel.testingEventLoop.run()
    }
}

/// Stands in for the socket: counts the reads, and is full after so many writes.
final class SocketStub: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    let readCount = Mutex(0)
    let writesUntilFull = Mutex(Int.max)
    let isOutputClosed = Mutex(false)
    /// The promises of the writes that are held back, if any are.
    let held = Mutex<[EventLoopPromise<Void>?]?>(nil)
    private let onWrite: @Sendable () -> Void

    init(onWrite: @escaping @Sendable () -> Void) {
        self.onWrite = onWrite
    }

    func read(context: ChannelHandlerContext) {
        readCount.withLock { $0 += 1 }
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // As a socket, and unlike NIO's testing channel.
        guard context.channel.isActive else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        onWrite()
        let isHeld = held.withLock { held in
            held?.append(promise)
            return held != nil
        }
        context.write(
            wrapOutboundOut(.byteBuffer(bytes(of: unwrapOutboundIn(data)))), promise: isHeld ? nil : promise)
        let isFull = writesUntilFull.withLock { left in
            left -= 1
            return left == 0
        }
        guard isFull, let channel = context.channel as? NIOAsyncTestingChannel else { return }
        channel.isWritable = false
        context.fireChannelWritabilityChanged()
    }

    /// The bytes that sendfile(2) sends.
    private func bytes(of data: IOData) -> ByteBuffer {
        switch data {
        case .byteBuffer(let bytes): return bytes
        case .fileRegion(let region):
            let file = try? region.fileHandle.withUnsafeFileDescriptor { OpenFile(descriptor: dup($0)) }
            guard let file else { return ByteBuffer() }
            return FileSlice(file, offset: region.readerIndex, count: region.readableBytes).read()
        }
    }

    /// Half of it may close, as of a socket and unlike NIO's testing channel.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else {
            let lost = held.withLock { held in
                defer { held = nil }
                return held ?? []
            }
            for promise in lost { promise?.fail(ChannelError.ioOnClosedChannel) }
            return context.close(mode: mode, promise: promise)
        }
        isOutputClosed.withLock { $0 = true }
        promise?.succeed()
    }
}

extension IOData {
    fileprivate var text: String {
        switch self {
        case .byteBuffer(let bytes): String(buffer: bytes)
        case .fileRegion: ""
        }
    }
}
