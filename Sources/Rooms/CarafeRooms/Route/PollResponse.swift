import CarafeApp
import CarafeHTTP
import CarafeRuntime
import HTTPTypes
import NIOCore

/// The response to a poll: the newer entries, at once or when there are some.
struct PollResponse {
    let storage: RoomStorage
    let query: ReadRequest
    let admitted: AdmittedReader
    /// The number of removals when the member was admitted.
    let removals: UInt64

    // Keeps the frame of the waiting task small, as all below before and after the wait: CarafeRuntime's README.
    @inline(never)
    func response(to request: Request) async throws -> Response {
        let tags = query.wait > .zero ? nil : request.headers[.ifNoneMatch].map(EntityTagList.init)
        return try await request.connection.executor.run {
            [self, connection = request.connection, admission = request.values[Admission.self]] in
            let reader = storage.link == nil ? try enter(connection) : try await enterCopy(connection)
            let start = reader.position
            let reading = try await next(of: reader, connection, admission)
            // It was ended before it read: its position is after a gap, which the response does not have.
            if reading == nil, reader.takeGap() != nil { throw RoomError.unavailable }
            return answer(reading, of: reader, from: start, unless: tags)
        }
    }

    /// Reads once, and ends the reader.
    @inline(never)
    private func next(
        of reader: PullSubscriber, _ connection: Connection, _ admission: Admission?
    ) async throws -> LogBatch? {
        let watch = admission?.onEnd { connection.eventLoop.execute { reader.end() } }
        defer {
            if let watch { admission?.forget(watch) }
            leave(reader)
        }
        return try await connection.whileServing {
            try await withTaskCancellationHandler {
                try await reader.next(within: query.wait)
            } onCancel: {
                reader.cancel()
            }
        } onStop: {
            connection.eventLoop.execute { reader.expire() }
        }
    }

    @inline(never)
    private func enter(_ connection: Connection) throws -> PullSubscriber {
        if storage.hasPresence, let name = admitted.name { try storage.connect(name, isShared: true) }
        return PullSubscriber(storage, query.start, on: connection.executor, as: admitted, admittedAt: removals)
    }

    /// Enters a room of an engine.
    @inline(never)
    private func enterCopy(_ connection: Connection) async throws -> PullSubscriber {
        // The permission may have taken so long that the copy was forgotten.
        try await storage.prepare(for: query.start)
        let reader = try enter(connection)
        // A poll makes its member present, and the grace keeps it so until the next.
        if storage.hasPresence { try await storage.claim(admitted.name) }
        return reader
    }

    @inline(never)
    private func leave(_ reader: PullSubscriber) {
        reader.close()
        if storage.hasPresence, let name = reader.name { storage.disconnect(name, on: reader.shard.executor.eventLoop) }
    }

    @inline(never)
    private func answer(
        _ reading: LogBatch?, of reader: PullSubscriber, from start: RoomPosition, unless tags: EntityTagList?
    ) -> Response {
        reading.map(answer) ?? nothing(from: start, to: reader.position, unless: tags)
    }

    private func answer(_ reading: LogBatch) -> Response {
        var body = ByteBuffer(string: "{\"position\":\"\(reading.position)\",")
        if let gap = reading.gap {
            body.writeString("\"gap\":\(gap.json),")
        }
        if reading.gap != nil || query.wantsList(in: storage.epoch), let list = storage.list {
            body.writeStaticString("\"here\":")
            body.writeImmutableBuffer(list)
            body.writeStaticString(",")
        }
        body.writeString("\"entries\":[")
        for (index, entry) in reading.entries.enumerated() {
            if index > 0 { body.writeString(",") }
            body.writeImmutableBuffer(entry.item)
        }
        body.writeString("]}")
        return Response(headers: headers(reading.position), body: .bytes(body))
    }

    /// Returns the response without entries, which has the same position.
    private func nothing(from start: RoomPosition, to position: RoomPosition, unless tags: EntityTagList?) -> Response {
        var headers = headers(position)
        if query.wait > .zero {
            headers[.contentType] = nil
            return Response(.noContent, headers: headers)
        }
        // RFC 9110 §13.1.2. Not if entries for other members were left out: their responses can have the same ETag.
        let whole = answer(LogBatch(gap: nil, entries: [], last: 0, position: position))
        if start == position, let tags, tags.names(EntityTag("\"\(position)\""), weakly: true) {
            return .notModified(headers, length: whole.body.length ?? 0)
        }
        return whole
    }

    private func headers(_ position: RoomPosition) -> HTTPFields {
        [
            .contentType: "application/json", .cacheControl: "private, no-cache", .eTag: "\"\(position)\"",
            .roomPosition: "\(position)", .vary: "Accept",
        ]
    }
}
