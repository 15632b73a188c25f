import CarafeApp
import CarafeRuntime

/// The admission of a socket to a room: its name is taken, it is added, and its handshake is accepted, in this order.
struct SocketAdmission {
    let storage: RoomStorage
    let admitted: AdmittedReader
    /// Whether other connections may have the same name.
    var isNameShared = false
    var payload = SocketPayload.plain
    var start = RoomStart.now
    var wantsBeat = false
    /// The number of removals when the socket was permitted to join; nil where none can have been meant for it.
    var removals: UInt64?

    func admit(_ socket: WebSocket) async throws {
        try await storage.prepare(for: start)
        try await socket.executor.run {
            guard socket.subscriber(of: storage) == nil else { return }
            let name = admitted.name
            if let name { try storage.connect(name, isShared: isNameShared) }
            let subscriber = SocketSubscriber(
                storage: storage, output: SocketOutput(socket, name: name, payload: payload, wantsBeat: wantsBeat))
            socket.attach(subscriber)
            let shard = storage.shard(of: socket.executor)
            // Before the client knows that it has joined: it gets every message from then on.
            shard.add(subscriber, from: start)
            if let removals, name != nil, storage.removals != removals {
                subscriber.leaveRoom()
                throw RoomError.removed
            }
            do {
                if storage.link != nil { try await claim(name) }
                try await socket.accept()
            } catch {
                subscriber.leaveRoom()
                throw error
            }
            // It was removed before its socket was open.
            if subscriber.hasLeft { throw CancellationError() }
            shard.open(subscriber)
            if let time = admitted.time { subscriber.expire(in: time) }
        }
    }

    // Keeps the frame of the waiting task small: CarafeRuntime's README.
    @inline(never)
    private func claim(_ name: [UInt8]?) async throws {
        do {
            try await storage.claim(name, isExclusive: !isNameShared)
        } catch {
            if case .nameInUse = error, let name {
                // Another's name gets no grace.
                storage.update { _ = $0.depart(name, by: .removed) }
            }
            throw error
        }
    }
}

extension WebSocket {
    /// Returns the subscriber by which this socket reads a room, if it has joined it.
    func subscriber(of storage: RoomStorage) -> SocketSubscriber? {
        for source in outboundSources {
            if let subscriber = source as? SocketSubscriber, subscriber.storage === storage { return subscriber }
        }
        return nil
    }
}
