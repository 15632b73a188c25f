import CarafeApp

/// An entry of a room's log, with the gap before it.
public struct RoomItem<Element: Sendable>: Sendable {
    /// The place in the log.
    public let position: RoomPosition
    /// The message.
    public let element: Element
    /// The names of the members that it is for; nil for all.
    public let audience: [String]?
    /// The range of lost entries between the last one and this one; nil if there is none.
    public let gap: RoomGap?
}

/// The entries of a room's log as they are published, including those for some members only. The sequence ends when its
/// task is cancelled.
///
/// It reads at its own pace. The log keeps up to 4 MiB for it beyond the room's history; older entries become a gap.
public struct RoomEntries<Element: Sendable>: AsyncSequence, Sendable {
    let storage: RoomStorage
    let coding: RoomCoding<Element>
    let start: RoomStart

    /// The iterator, which is a subscriber of the room.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let coding: RoomCoding<Element>
        private let reader: EntryReader

        fileprivate init(_ entries: RoomEntries) {
            coding = entries.coding
            reader = EntryReader(entries.storage, entries.start)
        }

        /// Waits for the next entry.
        ///
        /// - Returns: Nil when the task is cancelled.
        /// - Throws: The error of the decoder.
        public mutating func next() async throws -> RoomItem<Element>? {
            guard let (entry, gap) = await reader.next(where: { $0.change == nil }) else { return nil }
            let audience = entry.audience.map { $0.map { String(decoding: $0, as: UTF8.self) } }
            return RoomItem(
                position: entry.position, element: try coding.decode(entry.message), audience: audience, gap: gap)
        }
    }

    /// Subscribes to the room.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}

/// The changes of presence in a room from now on: names that join and leave. The sequence ends when its task is
/// cancelled.
public struct RoomChanges: AsyncSequence, Sendable {
    let storage: RoomStorage

    /// The iterator, which is a subscriber of the room.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reader: EntryReader

        /// Waits for the next change; nil when the task is cancelled.
        public mutating func next() async -> RoomChange? {
            await reader.next { $0.change != nil }?.entry.change
        }
    }

    /// Subscribes to the room.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: EntryReader(storage, .now)) }
}

/// A subscriber that is code of the server: it reads the entries for all members, one at a time, from any task.
final class EntryReader {
    private let storage: RoomStorage
    private let ticket: UInt64
    private var cursor: Cursor
    private var ready: ArraySlice<LogEntry> = []

    init(_ storage: RoomStorage, _ start: RoomStart) {
        self.storage = storage
        (ticket, cursor) = storage.update { $0.addEntryReader(start) }
    }

    deinit {
        storage.update { [ticket] in $0.removeEntryReader(ticket) }
    }

    /// Waits for the next entry of a kind, and returns it with the gap before it; nil when the task is cancelled.
    func next(where isWanted: (LogEntry) -> Bool) async -> (entry: LogEntry, gap: RoomGap?)? {
        while true {
            while let entry = ready.popFirst() {
                if isWanted(entry) { return (entry, cursor.takeGap()) }
            }
            guard !Task.isCancelled else { return nil }
            if let batch = storage.update({ [ticket] in $0.nextBatch(of: ticket, upTo: PullSubscriber.portion) }) {
                cursor.advance(past: batch)
                ready = batch.entries[...]
            } else {
                await storage.waitForEntry(ticket)
            }
        }
    }
}
