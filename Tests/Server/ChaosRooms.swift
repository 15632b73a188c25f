import CarafeRooms
import Synchronization

/// The rooms of Tests/Chaos, each made by its first request.
final class ChaosRooms: Sendable {
    private let rooms = Mutex<[String: Room<String>]>([:])

    subscript(name: String) -> Room<String> {
        rooms.withLock { rooms in
            let room = rooms[name] ?? make(name)
            rooms[name] = room
            return room
        }
    }

    private func make(_ name: String) -> Room<String> {
        Room(
            history: RoomHistory(countLimit: 500), presence: PresenceOptions(grace: .seconds(2)),
            limits: RoomLimits(memberRate: nil))
    }
}
