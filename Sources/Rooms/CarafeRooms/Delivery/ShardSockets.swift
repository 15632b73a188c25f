/// The sockets of a shard: each is added and removed in constant time.
struct ShardSockets {
    private(set) var all: [SocketSubscriber] = []
    /// The sockets with a cursor of their own, since they join or lag.
    private(set) var trailing: [SocketSubscriber] = []
    private var named: [[UInt8]: [SocketSubscriber]] = [:]
    private var itemCount = 0

    var isEmpty: Bool { all.isEmpty }
    var wantsItems: Bool { itemCount > 0 }
    var wantsPlain: Bool { itemCount < all.count }

    /// Returns the sockets that get the entries for an audience.
    func receivers(_ audience: [[UInt8]]?) -> [SocketSubscriber] {
        guard let audience else { return all }
        return audience.flatMap { named[$0] ?? [] }
    }

    /// Adds a socket, which trails until it is live.
    mutating func add(_ socket: SocketSubscriber) {
        socket.index = all.count
        all.append(socket)
        if let name = socket.output.name { named[name, default: []].append(socket) }
        if socket.output.payload == .items { itemCount += 1 }
        addTrailing(socket)
    }

    mutating func remove(_ socket: SocketSubscriber) {
        all.swapRemove(at: socket.index)?.index = socket.index
        if socket.output.payload == .items { itemCount -= 1 }
        if let name = socket.output.name {
            named[name]?.removeAll { $0 === socket }
            if named[name]?.isEmpty == true { named[name] = nil }
        }
        if socket.trails { removeTrailing(socket) }
    }

    mutating func addTrailing(_ socket: SocketSubscriber) {
        socket.trailingIndex = trailing.count
        trailing.append(socket)
    }

    mutating func removeTrailing(_ socket: SocketSubscriber) {
        trailing.swapRemove(at: socket.trailingIndex)?.trailingIndex = socket.trailingIndex
    }
}

extension Array {
    /// Removes an element in constant time; returns the last element if it has moved to this index.
    mutating func swapRemove(at index: Int) -> Element? {
        let last = removeLast()
        guard index < count else { return nil }
        self[index] = last
        return last
    }
}
