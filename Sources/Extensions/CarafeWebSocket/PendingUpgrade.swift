import CarafeApp
import CarafeRuntime
import CarafeWebSocketTransport
import NIOCore

/// The promise in a 101 that somebody will take the channel; dropped unkept, it ends the socket.
final class PendingUpgrade: @unchecked Sendable {
    // Unchecked: on the event loop until `deinit`, which only looks whether the socket was left behind.
    private var socket: WebSocket?

    init(socket: WebSocket) {
        self.socket = socket
    }

    func start(_ channel: any Channel) throws {
        try socket?.attach(to: channel)
        socket = nil
    }

    deinit {
        guard let socket else { return }
        socket.executor.eventLoop.execute { socket.ended(WebSocketClosedError(code: .abnormalClosure)) }
    }
}
