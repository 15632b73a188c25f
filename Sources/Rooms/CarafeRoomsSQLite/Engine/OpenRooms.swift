import CarafeRooms
import Synchronization

/// The rooms of a file that are read in this process, and the hints at their new entries.
final class OpenRooms: Sendable {
    private struct State {
        var receive: (@Sendable (EngineEvent) -> Void)?
        /// The end up to which there were hints, by room.
        var ends: [String: RoomPosition] = [:]

        func follows(_ page: EnginePage, in room: String) -> Bool {
            guard let end = ends[room], let first = page.entries.first else { return false }
            return first.offset == end.offset + 1
        }
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

    /// Hints at entries that were committed, if they follow those of earlier hints.
    ///
    /// - Returns: Whether all that are open here did; otherwise another process has added entries between.
    @discardableResult
    func hint(_ pages: [(room: String, page: EnginePage)]) -> Bool {
        let (receive, next, isAll) = state.withLock { state in
            let open = pages.filter { state.ends[$0.room] != nil }
            let next = open.filter { room, page in state.follows(page, in: room) }
            for (room, page) in next { state.ends[room] = page.end }
            return (state.receive, next, next.count == open.count)
        }
        for (room, page) in next { receive?(.appended(page, room: room)) }
        return isAll
    }

    /// Hints at entries that were read after the end of earlier hints.
    func hint(read page: EnginePage, of room: String) {
        let receive = state.withLock { state in
            guard state.ends[room] != nil else { return nil as (@Sendable (EngineEvent) -> Void)? }
            state.ends[room] = page.end
            return state.receive
        }
        receive?(.appended(page, room: room))
    }

    func send(_ event: EngineEvent) { state.withLock { $0.receive }?(event) }
}
