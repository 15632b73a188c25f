import NIOCore
import Synchronization

/// The open connections of a server, to be told when it stops.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isStopping = false
        var whenEmpty: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isStopping = state.withLock { state in
            state.channels[id] = channel
            return state.isStopping
        }
        channel.closeFuture.whenComplete { _ in self.remove(id) }
        if isStopping { channel.close(promise: nil) }
    }

    private func remove(_ id: ObjectIdentifier) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.channels[id] = nil
            guard state.channels.isEmpty else { return nil }
            defer { state.whenEmpty = nil }
            return state.whenEmpty
        }
        waiting?.resume()
    }

    /// The number of connections that are asked to finish at a time, so that ten thousand closes do not make one burst.
    private static let pace = 256
    private static let pause = TimeAmount.milliseconds(20)

    /// Asks all connections to finish, within `time`; each closes when what it does is done.
    func beginStopping(within time: TimeAmount, on eventLoop: any EventLoop) {
        let channels = state.withLock { state in
            state.isStopping = true
            return Array(state.channels.values)
        }
        let turns = (channels.count + Self.pace - 1) / Self.pace
        let pause = min(Self.pause, .nanoseconds(time.nanoseconds / Int64(max(turns, 1))))
        for turn in 0..<turns {
            eventLoop.scheduleTask(in: pause * turn) {
                for channel in channels[(turn * Self.pace)...].prefix(Self.pace) {
                    channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
                }
            }
        }
    }

    func closeAll() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.channels.isEmpty { state.whenEmpty = continuation }
                return state.channels.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
