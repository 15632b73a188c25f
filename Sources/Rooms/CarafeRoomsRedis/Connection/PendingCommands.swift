import NIOCore

/// The commands of a connection whose replies have not come; replies come in the order of the commands.
struct PendingCommands<Handler> {
    private struct Entry {
        let handler: Handler
        let size: Int
        let deadline: NIODeadline
    }

    private let countLimit: Int
    private let sizeLimit: Int
    private var entries = CircularBuffer<Entry>()
    private var size = 0

    /// - Parameters:
    ///   - countLimit: The most commands.
    ///   - sizeLimit: The most bytes of all of them.
    init(countLimit: Int, sizeLimit: Int) {
        self.countLimit = countLimit
        self.sizeLimit = sizeLimit
    }

    var isEmpty: Bool { entries.isEmpty }

    /// The deadline of the oldest command, which is the first, since all have the same time.
    var nextDeadline: NIODeadline? { entries.first?.deadline }

    /// Returns the limit that one more command of this size would break, if any.
    func brokenLimit(size: Int) -> Int? {
        if entries.count >= countLimit { return countLimit }
        // A single command may be larger than the limit.
        return !entries.isEmpty && self.size + size > sizeLimit ? sizeLimit : nil
    }

    mutating func append(_ handler: Handler, size: Int, deadline: NIODeadline) {
        entries.append(Entry(handler: handler, size: size, deadline: deadline))
        self.size += size
    }

    /// Removes the oldest command, whose reply has come.
    mutating func removeFirst() -> Handler? {
        guard let entry = entries.popFirst() else { return nil }
        size -= entry.size
        return entry.handler
    }

    /// Removes all commands, the oldest first.
    mutating func removeAll() -> [Handler] {
        defer {
            entries = CircularBuffer()
            size = 0
        }
        return entries.map(\.handler)
    }
}
