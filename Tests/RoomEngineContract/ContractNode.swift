package import CarafeRooms
import CarafeWebSocketCodec

/// A node with an engine, and the events that it has received.
package final class ContractNode: Sendable {
    package let engine: any RoomEngine
    private let events: AsyncStream<EngineEvent>

    /// Starts the engine, and waits until it can be used.
    package init(_ engine: any RoomEngine) async throws {
        self.engine = engine
        let (events, continuation) = AsyncStream.makeStream(of: EngineEvent.self)
        self.events = events
        engine.start { continuation.yield($0) }
        try await engine.waitUntilReady()
    }

    // MARK: Steps

    @discardableResult
    package func append(
        _ text: String, key: String? = nil, of member: String = "ann", to audience: [String]? = nil,
        about subject: String? = nil, in room: EngineRoom
    ) async throws -> RoomPosition {
        let post = RoomPost(
            .text(text), to: audience?.map { Array($0.utf8) }, about: subject.map { Array($0.utf8) })
        let key = key.map { IdempotencyKeys.Key(member: Array(member.utf8), key: $0) }
        return try await engine.append(post, key: key, to: room)
    }

    package func claim(
        _ name: String, as claim: EngineClaim = .connected, isExclusive: Bool = false, in room: EngineRoom
    ) async throws {
        try await engine.claim(Array(name.utf8), as: claim, isExclusive: isExclusive, in: room)
    }

    package func end(of room: EngineRoom) async throws -> RoomPosition {
        let ends = try await engine.ends(of: [room])
        try require(ends.count == 1, "one end for one room, found \(ends)")
        return ends[0]
    }

    /// Reads all entries that the engine has of a room.
    package func all(in room: EngineRoom) async throws -> [EngineEntry] {
        var entries = try await engine.open(room).page.entries
        while true {
            let page = try await engine.read(room, after: entries.last?.offset ?? 0)
            if page.entries.isEmpty { return entries }
            entries += page.entries
        }
    }

    /// Returns a line for each entry, such as `3 message tea` or `4 joined ann`.
    package func lines(in room: EngineRoom) async throws -> [String] {
        try await all(in: room).map { "\($0.offset) \($0.post.line)" }
    }

    // MARK: Events

    /// Waits for an event from which `value` takes something; those before it are skipped.
    package func first<Value>(_ value: (EngineEvent) -> Value?) async throws -> Value {
        for await event in events {
            if let value = value(event) { return value }
        }
        throw CancellationError()
    }

    /// Waits for the next hint at a room's entries.
    package func hint(in room: EngineRoom) async throws -> EnginePage {
        try await first { event in
            if case .appended(let page, room.name) = event { page } else { nil }
        }
    }
}

extension RoomPost {
    /// The kind, and the text or the name.
    package var line: String {
        switch kind {
        case .message: "message \(message.text ?? "of bytes")"
        case .change(.joined(let name)): "joined \(name)"
        case .change(.left(let name)): "left \(name)"
        case .break: "break"
        case .removal(let name): "removal \(String(decoding: name, as: UTF8.self))"
        }
    }
}

/// The engine has broken the contract.
package struct ContractError: Error, CustomStringConvertible {
    package let description: String
}

package func require(_ isTrue: Bool, _ expected: @autoclosure () -> String) throws {
    if !isTrue { throw ContractError(description: "expected " + expected()) }
}

package func require<Value: Equatable>(_ found: Value, is expected: Value) throws {
    if found != expected { throw ContractError(description: "expected \(expected), found \(found)") }
}

/// Expects an error of a step.
package func require(_ error: RoomError, of step: () async throws -> Void) async throws {
    do {
        try await step()
    } catch let found as RoomError {
        return try require(found, is: error)
    }
    throw ContractError(description: "expected the error \(error), found none")
}
