import CarafeApp
import CarafeHTTP
import CarafeRuntime
import HTTPTypes
import NIOCore

/// The response to a poll: the newer entries, at once or when there are some.
// A class, so that the frames of the waiting task hold one reference to all of it.
final class PollResponse: Sendable {
    let storage: RoomStorage
    let query: ReadRequest
    let admitted: AdmittedReader
    /// The number of removals when the member was admitted.
    let removals: UInt64
    /// The tags of `If-None-Match`; nil for a long poll, whose response is never 304.
    private let knownTags: EntityTagList?

    init(
        _ request: Request, storage: RoomStorage, query: ReadRequest, admitted: AdmittedReader, removals: UInt64
    ) {
        knownTags = query.wait > .zero ? nil : request.headers[.ifNoneMatch].map(EntityTagList.init)
        self.storage = storage
        self.query = query
        self.admitted = admitted
        self.removals = removals
    }

    // Keeps the frame of the waiting task small, as all below before and after the wait: CarafeRuntime's README.
    @inline(never)
    func response(to request: Request) async throws -> Response {
        try await request.connection.executor.run {
            [self, connection = request.connection, admission = request.values[Admission.self]] in
            let reader = try await enter(connection)
            let start = reader.position
            try await read(reader, connection, admission)
            return try answer(from: start, to: reader)
        }
    }

    /// Reads once, and ends the reader.
    @inline(never)
    private func read(_ reader: PullSubscriber, _ connection: Connection, _ admission: Admission?) async throws {
        let watch = admission?.onEnd { connection.eventLoop.execute { reader.end() } }
        defer {
            if let watch { admission?.forget(watch) }
            leave(reader)
        }
        try await connection.whileServing {
            try await withTaskCancellationHandler {
                try await reader.waitForBatch(within: query.wait)
            } onCancel: {
                reader.cancel()
            }
        } onStop: {
            connection.eventLoop.execute { reader.expire() }
        }
    }

    @inline(never)
    private func enter(_ connection: Connection) async throws -> PullSubscriber {
        let isCopy = storage.link != nil
        // The permission may have taken so long that the copy was forgotten.
        if isCopy { try await storage.prepare(for: query.start) }
        if storage.hasPresence, let name = admitted.name { try storage.connect(name, isShared: true) }
        let reader = PullSubscriber(storage, query.start, on: connection.executor, as: admitted, admittedAt: removals)
        // A poll makes its member present, and the grace keeps it so until the next.
        if isCopy, storage.hasPresence { try await storage.claim(admitted.name) }
        return reader
    }

    @inline(never)
    private func leave(_ reader: PullSubscriber) {
        reader.close()
        if storage.hasPresence, let name = reader.name { storage.disconnect(name, on: reader.shard.executor.eventLoop) }
    }

    @inline(never)
    private func answer(from start: RoomPosition, to reader: PullSubscriber) throws -> Response {
        if let batch = reader.takeBatch() { return answer(batch) }
        // It was ended before it read: its position is after a gap, which the response does not have.
        if reader.takeGap() != nil { throw RoomError.unavailable }
        return nothing(from: start, to: reader.position)
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
    private func nothing(from start: RoomPosition, to position: RoomPosition) -> Response {
        var headers = headers(position)
        if query.wait > .zero {
            headers[.contentType] = nil
            return Response(.noContent, headers: headers)
        }
        // RFC 9110 §13.1.2. Not if entries for other members were left out: their responses can have the same ETag.
        let whole = answer(LogBatch(gap: nil, entries: [], last: 0, position: position))
        if start == position, let knownTags, knownTags.names(EntityTag("\"\(position)\""), weakly: true) {
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
