import CarafeApp

/// One socket in one room.
// Unchecked: all that changes is touched on the socket's event loop only.
final class Membership: @unchecked Sendable {
    let room: Room
    let socket: WebSocket
    let name: String?
    private(set) var isOver = false
    /// Where it gets its messages from, once it gets any.
    var group: RoomGroup?
    /// Where it is in the group's list.
    var index = 0

    init(room: Room, socket: WebSocket, name: String?) {
        self.room = room
        self.socket = socket
        self.name = name
    }

    /// Leaves, on the event loop.
    func end() {
        guard !isOver else { return }
        isOver = true
        group?.remove(self)
        if let name { room.free(name) }
    }
}
