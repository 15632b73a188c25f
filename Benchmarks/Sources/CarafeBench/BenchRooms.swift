import Carafe
import CarafeRooms

struct Note: Codable {
    var text: String
}

/// Rooms that are measured, and code of the server that publishes in them.
struct BenchRooms {
    private let rooms: Rooms
    // One publisher posts all, as fast as it can.
    private let bench: Room<Note>
    /// A room from which slow members are not removed.
    private let skipping: Room<Note>
    /// A message as long as the load's posts, with the mark by which the load recognizes a message.
    private let note = Note(text: "@@00000000" + String(repeating: "x", count: 35))

    init(_ rooms: Rooms) throws {
        self.rooms = rooms
        bench = try rooms.room("bench", limits: RoomLimits(memberRate: nil))
        skipping = try rooms.room("skip", slowMembers: .skip, limits: RoomLimits(memberRate: nil))
    }

    func add(to app: inout App) throws {
        try app.install(rooms)
        app.room("/rooms/bench") { [bench] _ in bench }
        app.room("/rooms/skip") { [skipping] _ in skipping }
        app.room("/rooms/many/<int:number>") { (_, number: Int) in try room(number) }
        app.post("/rooms/burst") { request in
            let rooms = Array(repeating: bench, count: try count(in: request))
            // On the connection's event loop, where nothing is delivered meanwhile; or beside it.
            guard request.query["from"] == "outside" else { return try await publish(in: rooms) }
            return try await Task.detached { try await publish(in: rooms) }.value
        }
        app.post("/rooms/each") { request in try await publish(in: (0..<count(in: request)).map(room)) }
    }

    /// One of many, each with a history that is soon full: until then its memory grows with each message, which is not
    /// measured.
    private func room(_ number: Int) throws -> Room<Note> {
        try rooms.room("many \(number)", history: RoomHistory(countLimit: 4))
    }

    private func count(in request: Request) throws -> Int {
        guard let count = request.query["count"].flatMap({ Int($0) }), count > 0 else {
            try abort(.badRequest, "Expected a number in count.")
        }
        return count
    }

    /// Publishes once in each.
    private func publish(in rooms: some Sequence<Room<Note>>) async throws -> Publishing {
        let clock = ContinuousClock()
        var times: [Duration] = []
        for room in rooms {
            let start = clock.now
            _ = try await room.publish(note)
            times.append(clock.now - start)
        }
        return Publishing(times)
    }
}

/// The time that publishing took its caller, in nanoseconds.
struct Publishing: Codable {
    let median: Int64
    let largest: Int64
    let total: Int64

    init(_ times: [Duration]) {
        let sorted = times.map { $0.components.seconds * 1_000_000_000 + $0.components.attoseconds / 1_000_000_000 }
            .sorted()
        median = sorted[sorted.count / 2]
        largest = sorted[sorted.count - 1]
        total = sorted.reduce(0, +)
    }
}
