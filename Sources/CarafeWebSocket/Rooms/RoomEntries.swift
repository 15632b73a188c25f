import CarafeApp

/// One entry of a room's log, with what is missing before it.
public struct RoomItem<Element: Sendable>: Sendable {
    /// Its place in the log.
    public let position: RoomPosition
    /// The message.
    public let element: Element
    /// What was lost between the last entry and this one, if anything.
    public let gap: RoomGap?
}

/// The entries of a room's log, as they are published; ends when its task is cancelled.
///
/// It reads at its own pace. What the room's history no longer holds when its turn comes is a gap.
public struct RoomEntries<Element: Sendable>: AsyncSequence, Sendable {
    let core: RoomCore
    let coding: RoomCoding<Element>
    let start: RoomStart

    public struct AsyncIterator: AsyncIteratorProtocol {
        private let entries: RoomEntries
        private var cursor: UInt64
        private var gap: RoomGap?
        private var ready: ArraySlice<RoomEntry> = []

        fileprivate init(_ entries: RoomEntries) {
            self.entries = entries
            (cursor, gap) = entries.core.resolve(entries.start)
        }

        public mutating func next() async throws -> RoomItem<Element>? {
            while ready.isEmpty {
                guard !Task.isCancelled else { return nil }
                if let reading = entries.core.read(after: cursor, upTo: RoomReader.portion) {
                    cursor = reading.position.offset
                    if let missed = reading.gap { gap = RoomGap(from: gap?.from ?? missed.from, to: missed.to) }
                    ready = reading.entries.filter { $0.audience == nil }[...]
                } else {
                    await entries.core.waitOutside(after: cursor)
                }
            }
            let entry = ready.removeFirst()
            defer { gap = nil }
            return RoomItem(
                position: entry.position, element: try entries.coding.decode(entry.message), gap: gap)
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}
