import CarafeHTTP1
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// Measurements of reading a browser's request; each returns the nanoseconds for one.
enum RequestReading {
    /// The request that Chromium sends for a page.
    static let request = ByteBuffer(
        string: """
            GET /rooms/coffee?after=4711 HTTP/1.1\r
            Host: 127.0.0.1:9988\r
            Connection: keep-alive\r
            Cache-Control: max-age=0\r
            Upgrade-Insecure-Requests: 1\r
            User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36\r
            Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r
            Sec-Fetch-Site: none\r
            Sec-Fetch-Mode: navigate\r
            Sec-Fetch-User: ?1\r
            Sec-Fetch-Dest: document\r
            Accept-Encoding: gzip, deflate, br, zstd\r
            Accept-Language: en-US,en;q=0.9,zh-CN;q=0.8\r
            Cookie: session=eyJpZCI6NDcxMX0.Zm9v; theme=dark\r
            \r

            """)

    /// The reader alone, as `HTTPConnection` calls it.
    static func reader() -> Double {
        var reader = RequestReader()
        return nanoseconds { bytes in
            var events = 0
            while reader.next(&bytes) != nil { events += 1 }
            return events
        }
    }

    /// The reader as a handler that passes its events on, as SwiftNIO's decoder does.
    static func readerInChannel() throws -> Double {
        let counter = EventCounter<RequestReader.Event>()
        return try inChannel([ReaderHandler(), counter]) { counter.count }
    }

    static func nioDecoder() throws -> Double {
        let counter = EventCounter<HTTPServerRequestPart>()
        return try inChannel([ByteToMessageHandler(HTTPRequestDecoder()), counter]) { counter.count }
    }

    /// The cost of the channel by itself.
    static func emptyChannel() throws -> Double {
        let counter = EventCounter<ByteBuffer>()
        return try inChannel([counter]) { 2 * counter.count }
    }

    private static func inChannel(_ handlers: [any ChannelHandler], _ count: () -> Int) throws -> Double {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandlers(handlers)
        let time = nanoseconds { bytes in
            let before = count()
            channel.pipeline.syncOperations.fireChannelRead(NIOAny(bytes))
            bytes = ByteBuffer()
            return count() - before
        }
        _ = try channel.finish()
        return time
    }

    /// The median of many rounds of 200 requests; `read` returns the number of events, a head and an end.
    private static func nanoseconds(_ read: (inout ByteBuffer) -> Int) -> Double {
        let requests = 200
        let clock = ContinuousClock()
        let rounds = (0..<101).map { _ in
            // As from a socket: each has storage of its own.
            var portions = (0..<requests).map { _ in
                var bytes = ByteBufferAllocator().buffer(capacity: 1024)
                bytes.writeImmutableBuffer(request)
                return bytes
            }
            let start = clock.now
            for index in portions.indices {
                let events = read(&portions[index])
                precondition(events == 2, "expected a head and an end, found \(events) events")
            }
            return (clock.now - start) / .nanoseconds(requests)
        }
        return rounds.sorted()[rounds.count / 2]
    }
}

private final class ReaderHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = RequestReader.Event

    private var reader = RequestReader()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        while let event = reader.next(&bytes) { context.fireChannelRead(wrapInboundOut(event)) }
    }
}

/// The end of the pipeline: looks at what comes, and counts.
private final class EventCounter<Event>: ChannelInboundHandler {
    typealias InboundIn = Event

    private(set) var count = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        _ = unwrapInboundIn(data)
        count += 1
    }
}
