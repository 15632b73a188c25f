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
    let core: RoomStorage
    let coding: RoomCoding<Element>
    let start: RoomStart

    public struct AsyncIterator: AsyncIteratorProtocol {
        private let coding: RoomCoding<Element>
        private let cursor: EntryReader

        fileprivate init(_ entries: RoomEntries) {
            coding = entries.coding
            cursor = EntryReader(entries.core, entries.start)
        }

        public mutating func next() async throws -> RoomItem<Element>? {
            var gap: RoomGap?
            while let (entry, missed) = await cursor.next() {
                if let missed { gap = RoomGap(from: gap?.from ?? missed.from, to: missed.to) }
                guard entry.change == nil else { continue }
                let audience = entry.audience.map { $0.map { String(decoding: $0, as: UTF8.self) } }
                return RoomItem(
                    position: entry.position, element: try coding.decode(entry.message), audience: audience, gap: gap)
            }
            return nil
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}

/// Who comes to a room with presence and who goes, from now on; ends when its task is cancelled.
public struct RoomChanges: AsyncSequence, Sendable {
    let core: RoomStorage

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let cursor: EntryReader

        public mutating func next() async -> RoomChange? {
            while let (entry, _) = await cursor.next() {
                if let change = entry.change { return change }
            }
            return nil
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(cursor: EntryReader(core, .now)) }
}

/// A place in a log for code of the server, which is kept for it: reads one entry at a time, whoever it is for.
final class EntryReader {
    private let core: RoomStorage
    private let ticket: UInt64
    private var gap: RoomGap?
    private var ready: ArraySlice<LogEntry> = []

    init(_ core: RoomStorage, _ start: RoomStart) {
        self.core = core
        (ticket, gap) = core.addCursor(start)
    }

    deinit {
        core.removeCursor(ticket)
    }

    /// The next, with what is missing before it; nil when the task is cancelled.
    func next() async -> (entry: LogEntry, gap: RoomGap?)? {
        while ready.isEmpty {
            guard !Task.isCancelled else { return nil }
            if let reading = core.read(ticket, upTo: PullSubscriber.portion) {
                if let missed = reading.gap { gap = RoomGap(from: gap?.from ?? missed.from, to: missed.to) }
                ready = reading.entries[...]
            } else {
                await core.waitForNews(ticket)
            }
        }
        defer { gap = nil }
        return (ready.removeFirst(), gap)
    }
}
