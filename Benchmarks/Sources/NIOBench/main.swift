// NIOBench http PORT FOLDER    a bare HTTP/1 pipeline: "/", "/users/<int>", FOLDER under /static
// NIOBench stripped PORT       the same without pipelining, header validation and files
// NIOBench socket PORT         no HTTP at all: one answer for each read
// NIOBench websocket PORT      NIOWebSocket: "/echo", and "/room" as a loop of writeAndFlush
//
// The options are those of SwiftNIO's own NIOHTTP1Server.

import NIOCore
import NIOPosix

let arguments = CommandLine.arguments
guard arguments.count >= 3, let port = Int(arguments[2]) else {
    fatalError(
        "expected NIOBench http PORT FOLDER, or stripped, socket or websocket and PORT; found \(arguments.dropFirst())")
}

let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
let bootstrap = ServerBootstrap(group: loop)
    .serverChannelOption(.backlog, value: 1024)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    .childChannelOption(.maxMessagesPerRead, value: 1)

let channel: any Channel
switch arguments[1] {
case "http" where arguments.count == 4:
    channel = try await serveHTTP(bootstrap, on: loop, port: port, folder: arguments[3], stripped: false)
case "stripped":
    channel = try await serveHTTP(bootstrap, on: loop, port: port, folder: nil, stripped: true)
case "socket":
    channel = try await serveSocket(bootstrap, port: port)
case "websocket":
    channel = try await serveWebSocket(bootstrap, on: loop, port: port)
default:
    fatalError("expected http with a FOLDER, stripped, socket or websocket; found \(arguments.dropFirst())")
}
try await channel.closeFuture.get()
