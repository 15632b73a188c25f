import CarafeRooms
import CarafeRoomsRedis
import CarafeRoomsSQLite

/// The rooms of Tests/Chaos, each made by its first request.
struct ChaosRooms {
    let rooms: Rooms

    /// Opens the rooms that STORE names: `memory`, `sqlite:FILE` or `redis://HOST:PORT`.
    init(environment: [String: String]) throws {
        let store = environment["STORE"] ?? "memory"
        let rooms: Rooms
        if store.hasPrefix("sqlite:") {
            rooms = try Rooms(file: String(store.dropFirst(7)))
        } else if store.hasPrefix("redis:") {
            rooms = try Rooms(redis: store, isLossless: environment["CHAOS_LOSSLESS"] != nil)
        } else if store == "memory" {
            rooms = Rooms()
        } else {
            fatalError("expected memory, sqlite:FILE or redis://HOST:PORT in STORE, found \(store)")
        }
        if let mutation = ChaosMutation(environment: environment) {
            self.rooms = Rooms(rooms) { ChaosEngine($0, mutation) }
        } else {
            self.rooms = rooms
        }
    }

    func room(_ name: String) throws -> Room<String> {
        try rooms.room(
            name, history: RoomHistory(countLimit: 500), presence: PresenceOptions(grace: .seconds(2)),
            limits: RoomLimits(memberRate: nil))
    }
}
