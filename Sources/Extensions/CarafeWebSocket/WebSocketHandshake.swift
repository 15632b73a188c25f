import CarafeApp
import CarafeHTTP
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import HTTPTypes
import NIOCore

/// From the request to the socket.
extension WebSocket {
    /// Completes the handshake; the first `send` or `receive` does it too.
    public func accept() async throws {
        guard executor.eventLoop.inEventLoop else { return try await executor.run { [self] in try await accept() } }
        // In this one function: a task keeps the memory of its deepest calls, and most handlers go no deeper than here.
        switch state {
        case .open: return
        case .closed(let closed): throw closed
        case .handshake, .accepting:
            // Unsafe: each continuation leaves `accepting` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { continuation in
                accepting.append(continuation)
                sendAnswer()
            }
        }
    }

    /// Runs the handler, and returns the HTTP response that it leads to; a client that leaves before that cancels it.
    func answer(running handler: @escaping @Sendable () async throws -> Void) async throws -> Response {
        try await executor.run { [self] in
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    answer = continuation
                    start(handler)
                }
            } onCancel: {
                executor.eventLoop.execute { self.giveUpHandshake(CancellationError()) }
            }
        }
    }

    private func start(_ handler: @escaping @Sendable () async throws -> Void) {
        // Immediate: the handler runs on the loop at once, up to where it first waits.
        let task = Task.immediate(executorPreference: executor) { [self] in
            handlersTask = withUnsafeCurrentTask { $0 }
            defer { handlersTask = nil }
            do {
                try await handler()
                await finish(.normalClosure)
            } catch {
                await finish(throwing: error)
            }
        }
        if case .closed = state { return }
        self.task = task
        if case .handshake = state { limitHandshake() }
    }

    private func limitHandshake() {
        let limit = TimeAmount(endpoint.options.handshakeTimeout)
        overdue = executor.eventLoop.scheduleTask(in: limit) { [weak self] in
            self?.giveUpHandshake(
                HTTPError(.serviceUnavailable, "Expected an answer sooner.", headers: [.retryAfter: "5"]))
        }
    }

    private func giveUpHandshake(_ error: any Error) {
        guard case .handshake = state, let answer else { return }
        self.answer = nil
        ended(WebSocketClosedError(code: .abnormalClosure))
        answer.resume(throwing: error)
    }

    private func sendAnswer() {
        guard case .handshake = state, let answer else { return }
        state = .accepting
        self.answer = nil
        overdue?.cancel()
        overdue = nil
        let upgrade = PendingUpgrade(socket: self)
        var headers: HTTPFields = [.secWebSocketAccept: handshake.accept]
        if let deflate = handshake.deflate { headers[.secWebSocketExtensions] = deflate.fieldValue }
        if let subprotocol { headers[.secWebSocketProtocol] = subprotocol }
        var response = Response(.switchingProtocols, headers: headers)
        response.upgrade = Upgrade(protocolName: "websocket") { channel in try upgrade.start(channel) }
        answer.resume(returning: response)
    }

    /// The channel has left HTTP and is ours.
    func attach(to channel: any Channel) throws {
        let connection = WebSocketConnection(
            role: .server, limits: endpoint.limits, executor: executor, compression: compression,
            isMultiplexed: request.connection.isMultiplexed, logger: request.connection.logger,
            requestNumber: request.number
        ) { [self] closed in ended(closed) }
        try channel.pipeline.syncOperations.addHandler(WebSocketHandler(connection))
        self.connection = connection
        source = connection
        state = .open
        let waiting = accepting
        accepting = []
        for continuation in waiting { continuation.resume() }
        request.values[Admission.self]?.onEnd { [weak self] in
            guard let self else { return }
            executor.eventLoop.execute { self.admissionEnded() }
        }
    }

    /// Closes the socket when the app withdraws its permission, for example at a logout.
    private func admissionEnded() {
        detachSources()
        connection?.close(.policyViolation, reason: "The session has ended.")
    }
}
