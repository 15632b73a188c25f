import CarafeApp
import CarafeRuntime
import HTTPTypes
import NIOCore

/// Answers that go on: server-sent events, and the script elements of a hidden iframe.
struct StreamResponse {
    enum Wire {
        /// WHATWG HTML §9.2.
        case events
        /// Each item calls a function of the page around; `nonce` is what the page's policy asks of its scripts.
        case scripts(callback: String, nonce: String?)
    }

    /// How long it says nothing; then a word keeps proxies from closing it, and tells when the client is gone. A page
    /// cannot see that an iframe's stream has broken off, so there it is the sign that it has not.
    private var heartbeat: TimeAmount {
        switch wire {
        case .events: .seconds(15)
        case .scripts: .seconds(5)
        }
    }

    let storage: RoomStorage
    let start: RoomStart
    /// For whom it reads, and who is here while it does.
    let name: String?
    /// How many removals there were when it was admitted.
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
        if let name { try storage.connect(name, isShared: true) }
        defer { if let name { storage.disconnect(Array(name.utf8), on: executor.eventLoop) } }
        let reader = PullSubscriber(storage, start, on: executor, as: name, admittedAt: removals)
        defer { reader.close() }
        if reader.isEnded { return }
        try await writer.write(beginning(of: reader))
        listen(to: reader, for: writer)
        try await withTaskCancellationHandler {
            while !Task.isCancelled {
                let reading = try await reader.next(within: heartbeat)
                if reader.isEnded { return }
                try await writer.write(reading.map(bytes) ?? beat(at: reader.position))
            }
        } onCancel: {
            reader.cancel()
        }
    }

    /// Has what comes written at once while the client keeps up; the task hears of its end, and writes what is left.
    // Not inlined, as what makes the bytes below: what it works with would be in the frame of each stream that waits.
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
        // nginx gathers a response before it passes it on, unless it is told not to.
        return [.contentType: type, .cacheControl: "no-cache", .vary: "Accept", .xAccelBuffering: "no"]
    }

    /// WebKit runs nothing of a page before it has some 512 bytes.
    private static let padding = String(repeating: " ", count: 1024)

    /// Where it is, or what is missing: a client that comes back after it has not skipped a gap.
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

    /// A page hears it, and so knows that the stream goes on; a comment it would not.
    @inline(never)
    private func beat(at position: RoomPosition) -> ByteBuffer {
        switch wire {
        case .events: event(at: position)
        case .scripts: ByteBuffer(string: element(position.item(list: nil)))
        }
    }

    private func event(at position: RoomPosition) -> ByteBuffer {
        ByteBuffer(string: "id: \(position)\nevent: position\ndata: \(position)\n\n")
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

    /// Who is here, where that is told.
    private func writeList(to bytes: inout ByteBuffer) {
        guard let list = storage.list else { return }
        bytes.writeStaticString("event: presence\ndata: {\"here\":")
        bytes.writeImmutableBuffer(list)
        bytes.writeStaticString("}\n\n")
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
