import CarafeRooms
import Synchronization

/// The rooms of a file that are read in this process, and the hints at their new entries.
final class OpenRooms: Sendable {
    private struct State {
        var receive: (@Sendable (EngineEvent) -> Void)?
        /// The end up to which there were hints, by room.
        var ends: [String: RoomPosition] = [:]
    }

    private let state = Mutex(State())

    func start(_ receive: @escaping @Sendable (EngineEvent) -> Void) { state.withLock { $0.receive = receive } }

    /// Begins the hints at a room's entries after a position.
    func open(_ room: String, at end: RoomPosition) { state.withLock { $0.ends[room] = end } }

    /// Notes that a room was read up to an end.
    func note(_ end: RoomPosition, of room: String) {
        state.withLock { state in
            guard let known = state.ends[room], known.offset < end.offset else { return }
            state.ends[room] = end
        }
    }

    func close(_ room: String) { state.withLock { $0.ends[room] = nil } }

    var isEmpty: Bool { state.withLock { $0.ends.isEmpty } }

    /// The open rooms, each with the end up to which there were hints.
    var all: [(room: String, end: RoomPosition)] { state.withLock { $0.ends.map { ($0.key, $0.value) } } }

    /// Hints at entries that were committed.
    func hint(_ pages: [(room: String, page: EnginePage)]) {
        let (receive, open) = state.withLock { state in
            let open = pages.filter { state.ends[$0.room] != nil }
            for (room, page) in open { state.ends[room] = page.end }
            return (state.receive, open)
        }
        for (room, page) in open { receive?(.appended(page, room: room)) }
    }

    func send(_ event: EngineEvent) { state.withLock { $0.receive }?(event) }
}
