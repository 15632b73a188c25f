package import CarafeServer
import NIOCore
import NIOHPACK
import NIOHTTP2

/// Puts HTTP/2 into a connection's pipeline (RFC 9113), with a channel for each stream.
package struct HTTP2Setup {
    private let connection: AcceptedConnection
    private let limits: HTTP2Limits

    package init(_ connection: AcceptedConnection, limits: HTTP2Limits) {
        self.connection = connection
        self.limits = limits
    }

    private var server: ServerConfiguration { connection.service.configuration }

    package func configure() throws {
        let pipeline = connection.channel.pipeline.syncOperations
        let graceTime = TimeAmount(server.timeouts.shutdown)
        let lifetime = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: connection.channel.eventLoop,
            configuration: .init(
                maxIdleTime: connection.service.times[.idle], maxAge: nil, maxGraceTime: graceTime, keepalive: nil))
        let end = HTTP2ConnectionEnd(graceTime: graceTime)
        let streams = HTTP2Streams(end: end, writeTimeout: connection.service.times[.write])
        let shared = connection.makeConnection(isSecure: true, isMultiplexed: true)
        let service = connection.service
        let window = limits.streamWindow
        try pipeline.addHandler(end)
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: connectionConfiguration, streamConfiguration: streamConfiguration,
            streamDelegate: lifetime.http2StreamDelegate
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                let stream = HTTP2Stream(
                    service: service, connection: shared, streams: streams, lateBodyLimit: window)
                try streams.add(stream, on: channel)
                try channel.pipeline.syncOperations.addHandler(HTTP2StreamHandler(stream))
            }
        }
        try pipeline.addHandlers(lifetime, streams)
        // The connection was active before, so that nobody else tells it to begin.
        lifetime.channelActive(context: try pipeline.context(handler: lifetime))
    }

    private var connectionConfiguration: NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            .init(parameter: .maxConcurrentStreams, value: limits.concurrentStreams),
            .init(parameter: .initialWindowSize, value: limits.streamWindow),
            .init(parameter: .maxHeaderListSize, value: headerListSize),
            // RFC 8441 §3: a WebSocket may take a stream.
            .init(parameter: .enableConnectProtocol, value: 1),
        ]
        configuration.targetWindowSize = limits.connectionWindow
        return configuration
    }

    /// RFC 9113 §6.5.2: each field counts for 32 bytes more. Past it the connection is closed; `HTTP2Request` refuses
    /// a section that is a little too long.
    private var headerListSize: Int {
        let limits = server.limits
        return 2 * (limits.headerBytes + limits.requestLineBytes + 32 * limits.headerFields)
    }

    private var streamConfiguration: NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.targetWindowSize = limits.streamWindow
        // As SwiftNIO has it for sockets.
        configuration.outboundBufferSizeHighWatermark = 64 << 10
        configuration.outboundBufferSizeLowWatermark = 32 << 10
        return configuration
    }
}
