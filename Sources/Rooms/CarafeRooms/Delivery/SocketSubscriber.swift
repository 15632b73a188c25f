import CarafeApp
import CarafeRuntime
import CarafeWebSocketTransport

/// One socket in one room.
// Unchecked: all that changes is touched on the socket's event loop only.
final class SocketSubscriber: OutboundSource, @unchecked Sendable {
    let room: RoomStorage
    let socket: WebSocket
    /// The bytes of its name.
    let name: [UInt8]?
    let form: Form
    /// What it gets.
    enum Form {
        /// Messages as they are.
        case plain
        /// Items of the room's route, with their positions.
        case items
    }

    private(set) var isOver = false
    /// Where it gets its messages from, once it gets any.
    var group: RoomShard?
    /// Where it is in the group's list.
    var index = 0
    /// Up to where it has read, while it is behind the others of its group or not open yet; nil while it is neither.
    var cursor: UInt64?
    /// Where it is in the group's list of those that are behind.
    var slowIndex = 0
    /// What it had missed when it came, until it is told.
    var gap: RoomGap?
    /// Whether it has asked for a word with each ping.
    var wantsBeat = false
    /// Whether its socket is open.
    var isOpen = false
    /// Whether it has ever been where the others are.
    private(set) var wasLevel = false
    private var waiters: [UnsafeContinuation<Void, Never>] = []

    init(room: RoomStorage, socket: WebSocket, name: String?, form: Form = .plain) {
        self.room = room
        self.socket = socket
        self.form = form
        self.name = name.map { Array($0.utf8) }
    }

    func becomeLevel() {
        cursor = nil
        wasLevel = true
        let level = waiters
        waiters = []
        for waiter in level { waiter.resume() }
    }

    /// Returns when it has all that was said before, or is over.
    func waitUntilLevel() async {
        guard isOpen, cursor != nil else { return }
        // Unsafe: it leaves `waiters` once, on the event loop, and is then resumed.
        await withUnsafeContinuation { waiters.append($0) }
    }

    // MARK: The socket's calls

    func drain() async {
        group?.deliver()
        await waitUntilLevel()
    }

    func flushBeforeClose() { group?.handOver(self) }

    func detach() {
        guard !isOver else { return }
        isOver = true
        group?.remove(self)
        if let name { room.disconnect(name, on: socket.executor.eventLoop) }
    }
}
