import CarafeApp
import CarafeEventStream
import CarafeRuntime
import HTTPTypes
import NIOCore

/// An endless response: server-sent events, or the script elements of a hidden iframe.
struct StreamResponse {
    enum Wire {
        /// Server-sent events (WHATWG HTML §9.2).
        case events
        /// Script elements, each of which passes an item to a function of the parent page; `nonce` is that of the
        /// page's content security policy.
        case scripts(callback: String, nonce: String?)
    }

    /// The silent time after which a heartbeat keeps proxies from closing the stream and detects a client that is gone.
    /// A page cannot see that an iframe's stream has broken, and waits for the heartbeat.
    private var heartbeat: TimeAmount {
        switch wire {
        case .events: .seconds(15)
        case .scripts: .seconds(5)
        }
    }

    let storage: RoomStorage
    let start: RoomStart
    /// The member, which is present while the stream is open.
    let admitted: AdmittedReader
    /// The number of removals when the member was admitted.
    let removals: UInt64
    let wire: Wire

    func response(to request: Request) -> Response {
        let executor = request.connection.executor
        var response = Response(headers: headers) { writer in
            try await executor.run {
                do {
                    try await write(to: writer, on: executor)
                } catch  where Task.isCancelled {
                    // The client has left, or the server stops: the stream ends as it stands.
                }
            }
        }
        response.isEndless = true
        return response
    }

    private func write(to writer: BodyWriter, on executor: EventLoopExecutor) async throws {
        try await storage.prepare(for: start)
        let name = admitted.name
        if let name { try storage.connect(name, isShared: true) }
        defer { if let name { storage.disconnect(name, on: executor.eventLoop) } }
        let reader = PullSubscriber(storage, start, on: executor, as: admitted, admittedAt: removals)
        defer { reader.close() }
        try await storage.claim(name)
        if reader.isEnded { return }
        try await writer.write(beginning(of: reader))
        listen(to: reader, for: writer)
        try await withTaskCancellationHandler {
            while !Task.isCancelled {
                try await reader.waitForBatch(within: heartbeat)
                if reader.isEnded { return }
                try await writer.write(next(of: reader))
            }
        } onCancel: {
            reader.cancel()
        }
    }

    /// Returns the entries to write, or the sign of life of a silent stream.
    // Keeps the frame of the waiting task small, as the functions below: CarafeRuntime's README.
    @inline(never)
    private func next(of reader: PullSubscriber) -> ByteBuffer {
        reader.takeBatch().map(bytes) ?? beat(at: reader.position)
    }

    /// Writes new entries at once while the client keeps up; otherwise the task writes them.
    @inline(never)
    private func listen(to reader: PullSubscriber, for writer: BodyWriter) {
        guard writer.canWriteNow else { return }
        reader.receive = { reading in (try? writer.writeNow(bytes(reading))) == true ? heartbeat : nil }
    }

    private var headers: HTTPFields {
        let type =
            switch wire {
            case .events: "text/event-stream"
            case .scripts: "text/html; charset=utf-8"
            }
        // nginx buffers a response unless it is told not to.
        return [.contentType: type, .cacheControl: "no-cache", .vary: "Accept", .xAccelBuffering: "no"]
    }

    /// WebKit runs no script of a page before it has about 512 bytes.
    private static let padding = String(repeating: " ", count: 1024)

    /// Returns the gap or the position as a first event or item, after which a client that reconnects misses no gap.
    @inline(never)
    private func beginning(of reader: PullSubscriber) -> ByteBuffer {
        let gap = reader.takeGap()
        switch wire {
        case .events:
            var all = gap?.event ?? event(at: reader.position)
            writeList(to: &all)
            return all
        case .scripts:
            let item = gap?.item(list: storage.list) ?? reader.position.item(list: storage.list)
            return ByteBuffer(string: "<!doctype html><meta charset=\"utf-8\">\(Self.padding)\n" + element(item))
        }
    }

    /// Returns a heartbeat that a page can see, unlike a comment.
    @inline(never)
    private func beat(at position: RoomPosition) -> ByteBuffer {
        switch wire {
        case .events: event(at: position)
        case .scripts: ByteBuffer(string: element(position.item(list: nil)))
        }
    }

    private func event(at position: RoomPosition) -> ByteBuffer {
        position.event(named: "position", data: "\(position)")
    }

    @inline(never)
    private func bytes(_ reading: LogBatch) -> ByteBuffer {
        var all = ByteBuffer()
        switch wire {
        case .events:
            if let gap = reading.gap {
                all.writeImmutableBuffer(gap.event)
                writeList(to: &all)
            }
            if all.readableBytes == 0 { return EncodedBatch.joined(reading.entries[...]) { $0.event } }
            all.writeImmutableBuffer(EncodedBatch.joined(reading.entries[...]) { $0.event })
        case .scripts:
            if let gap = reading.gap { all.writeString(element(gap.item(list: storage.list))) }
            for entry in reading.entries {
                all.writeString(opening)
                all.writeImmutableBuffer(entry.script)
                all.writeString(closing)
            }
        }
        return all
    }

    /// Writes the names of the members as an event, if there is presence.
    private func writeList(to bytes: inout ByteBuffer) {
        guard let list = storage.list else { return }
        bytes.writeEventField(.event, "presence")
        bytes.writeEventField(.data) {
            $0.writeStaticString("{\"here\":")
            $0.writeImmutableBuffer(list)
            $0.writeStaticString("}")
        }
        bytes.writeEventEnd()
    }

    private func element(_ item: ByteBuffer) -> String {
        opening + String(buffer: EntryEncodings.escapedForScript(item)) + closing
    }

    private var opening: String {
        guard case .scripts(let callback, let nonce) = wire else { return "" }
        return "<script\(nonce.map { " nonce=\"\($0)\"" } ?? "")>parent.\(callback)("
    }

    private var closing: String { ")</script>\n" }
}
