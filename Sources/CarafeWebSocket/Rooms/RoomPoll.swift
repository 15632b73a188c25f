import CarafeApp
import HTTPTypes
import NIOCore

/// Answers that end: what is there, at once or when something is.
struct RoomPoll {
    let core: RoomCore
    let query: RoomQuery
    /// For whom it reads.
    let name: String?

    func response(to request: Request) async throws -> Response {
        let executor = request.connection.executor
        let (reading, start, position) = try await executor.run { [self] in
            // One who polls is here for a while.
            let person = core.hasPresence ? name : nil
            if let person { try core.connect(person, isShared: true) }
            defer { if let person { core.disconnect(Array(person.utf8), on: executor.eventLoop) } }
            let reader = RoomReader(core, query.start, on: executor, as: name)
            defer { reader.close() }
            let start = reader.position
            return (try await next(of: reader, request), start, reader.position)
        }
        if let reading { return answer(reading) }
        return nothing(from: start, to: position, request)
    }

    private func next(of reader: RoomReader, _ request: Request) async throws -> RoomReading? {
        guard query.wait > .zero else { return try await reader.next(within: .zero) }
        return try await request.connection.whileServing {
            try await reader.next(within: query.wait)
        } onStop: {
            request.connection.eventLoop.execute { reader.expire() }
        }
    }

    private func answer(_ reading: RoomReading) -> Response {
        var body = ByteBuffer(string: "{\"position\":\"\(reading.position)\",")
        if let gap = reading.gap {
            body.writeString("\"gap\":{\"from\":\"\(gap.from)\",\"to\":\"\(gap.to)\"},")
        }
        if reading.gap != nil || query.wantsList(in: core.epoch), let list = core.list {
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

    /// Nothing is newer: the same position again.
    private func nothing(from start: RoomPosition, to position: RoomPosition, _ request: Request) -> Response {
        var headers = headers(position)
        if query.wait > .zero {
            headers[.contentType] = nil
            return Response(.noContent, headers: headers)
        }
        // RFC 9110 §13.1.2. Not where something was left out that is for others: the same tag may be that of their answer.
        if start == position, request.headers.ascii(.ifNoneMatch) == "\"\(position)\"" {
            return Response(.notModified, headers: headers)
        }
        return answer(RoomReading(gap: nil, entries: [], position: position))
    }

    private func headers(_ position: RoomPosition) -> HTTPFields {
        [
            .contentType: "application/json", .cacheControl: "private, no-cache", .eTag: "\"\(position)\"",
            .roomPosition: "\(position)", .vary: "Accept",
        ]
    }
}
