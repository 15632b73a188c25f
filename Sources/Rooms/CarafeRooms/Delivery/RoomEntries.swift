import CarafeApp

/// A message of a room's log, with the gap before it.
public struct RoomItem<Element: Sendable>: Sendable {
    /// The position in the log.
    public let position: RoomPosition
    /// The message.
    public let element: Element
    /// The names of the only members that get the message; nil for everybody.
    public let audience: [String]?
    /// The gap between the last entry and this one; nil if none is missing.
    public let gap: RoomGap?
}

/// The messages of a room's log, for code of the server; it ends when its task is cancelled.
public struct RoomEntries<Element: Sendable>: AsyncSequence, Sendable {
    let storage: RoomStorage
    let coding: RoomCoding<Element>
    let start: RoomStart

    /// The iterator of the sequence.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let coding: RoomCoding<Element>
        private let reader: EntryReader

        fileprivate init(_ entries: RoomEntries) {
            coding = entries.coding
            reader = EntryReader(entries.storage, entries.start)
        }

        /// Waits for the next message; nil when the task is cancelled.
        ///
        /// - Throws: `RoomError.unavailable`, or the error of the decoder.
        public mutating func next() async throws -> RoomItem<Element>? {
            guard let (entry, gap) = try await reader.next(where: { $0.kind == .message }) else { return nil }
            let audience = entry.audience.map { $0.map { String(decoding: $0, as: UTF8.self) } }
            return RoomItem(
                position: entry.position, element: try coding.decode(entry.message), audience: audience, gap: gap)
        }
    }

    /// Makes an iterator, which begins at the start of the sequence.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}

/// The changes of a room's members, for code of the server; it ends when its task is cancelled.
public struct RoomChanges: AsyncSequence, Sendable {
    let storage: RoomStorage

    /// The iterator of the sequence.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reader: EntryReader

        /// Waits for the next change; nil when the task is cancelled.
        ///
        /// - Throws: `RoomError.unavailable`.
        public mutating func next() async throws -> RoomChange? {
            guard reader.storage.hasPresence else { return nil }
            guard case .change(let change) = try await reader.next(where: \.isChange)?.entry.kind else { return nil }
            return change
        }
    }

    /// Makes an iterator, which begins at the start of the sequence.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: EntryReader(storage, .now)) }
}

/// A subscriber that is code of the server: it reads one entry at a time, for any member, from any task.
final class EntryReader {
    let storage: RoomStorage
    private let start: RoomStart
    /// The reader's number among those of the room; nil before its start is known.
    private var ticket: UInt64?
    private var cursor = Cursor()
    private var ready: ArraySlice<LogEntry> = []

    init(_ storage: RoomStorage, _ start: RoomStart) {
        self.storage = storage
        self.start = start
        // In memory it begins here, and otherwise once there is a copy.
        if storage.link == nil { _ = begin() }
    }

    deinit {
        if let ticket { storage.update { $0.removeEntryReader(ticket) } }
    }

    private func begin() -> UInt64 {
        let (ticket, cursor) = storage.update { [start] in $0.addEntryReader(start) }
        self.cursor = cursor
        self.ticket = ticket
        return ticket
    }

    /// Returns the next entry of a kind, with the gap before it; nil when the task is cancelled.
    func next(where isWanted: (LogEntry) -> Bool) async throws -> (entry: LogEntry, gap: RoomGap?)? {
        if ticket == nil { try await storage.prepare(for: start) }
        let ticket = ticket ?? begin()
        while true {
            while let entry = ready.popFirst() {
                if isWanted(entry) { return (entry, cursor.takeGap()) }
            }
            guard !Task.isCancelled else { return nil }
            if let batch = storage.update({ $0.nextBatch(of: ticket, upTo: PullSubscriber.portion) }) {
                cursor.advance(past: batch)
                ready = batch.entries[...]
            } else {
                await storage.waitForEntry(ticket)
            }
        }
    }
}
