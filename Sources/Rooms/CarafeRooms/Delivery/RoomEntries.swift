import CarafeApp

/// One entry of a room's log, with what is missing before it.
public struct RoomItem<Element: Sendable>: Sendable {
    /// Its place in the log.
    public let position: RoomPosition
    /// The message.
    public let element: Element
    /// The names of those whom alone it is for; nil for everybody.
    public let audience: [String]?
    /// What was lost between the last entry and this one, if anything.
    public let gap: RoomGap?
}

/// The entries of a room's log, those for some names too, as they are published; ends when its task is cancelled.
///
/// It reads at its own pace: 4 MiB are kept for it, beyond the room's history; what is past that is a gap.
public struct RoomEntries<Element: Sendable>: AsyncSequence, Sendable {
    let storage: RoomStorage
    let coding: RoomCoding<Element>
    let start: RoomStart

    public struct AsyncIterator: AsyncIteratorProtocol {
        private let coding: RoomCoding<Element>
        private let reader: EntryReader

        fileprivate init(_ entries: RoomEntries) {
            coding = entries.coding
            reader = EntryReader(entries.storage, entries.start)
        }

        public mutating func next() async throws -> RoomItem<Element>? {
            guard let (entry, gap) = await reader.next(where: { $0.change == nil }) else { return nil }
            let audience = entry.audience.map { $0.map { String(decoding: $0, as: UTF8.self) } }
            return RoomItem(
                position: entry.position, element: try coding.decode(entry.message), audience: audience, gap: gap)
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}

/// Who comes to a room with presence and who goes, from now on; ends when its task is cancelled.
public struct RoomChanges: AsyncSequence, Sendable {
    let storage: RoomStorage

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reader: EntryReader

        public mutating func next() async -> RoomChange? {
            await reader.next { $0.change != nil }?.entry.change
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: EntryReader(storage, .now)) }
}

/// A subscriber that is code of the server: reads one entry at a time, for whatever member, from any task.
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

    /// The next entry of a kind, with what is missing before it; nil when the task is cancelled.
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
