@testable import CarafeRooms

/// Calls on a room in memory that need no `await`.
extension Room {
    /// The end of the log.
    var end: RoomPosition { storage.update { $0.log.position } }

    /// The names of the members.
    var members: [String] { storage.update { $0.members.names } }

    /// Publishes in the same turn of the event loop.
    @discardableResult
    func publishNow(_ element: Element, to names: [String]? = nil) throws -> RoomPosition {
        let post = try post(element, to: names)
        return try storage.update { state throws(RoomError) in try state.publish(post, key: nil) }
    }
}
