import CarafeRuntime

/// The epochs of a log, from one of which each next one followed when something may have been lost.
///
/// An epoch means that one run of a process or of an engine took the writes. Its text ends with the *line*: the first
/// epoch, which a log that was emptied does not have.
package struct RoomLine: Sendable, Equatable {
    /// An earlier epoch.
    package struct Epoch: Sendable, Equatable, Codable {
        package var name: String
        /// The last offset that the log shares with it.
        package var last: UInt64

        package init(name: String, last: UInt64) {
            self.name = name
            self.last = last
        }
    }

    /// The maximum number of earlier epochs: so many restarts may lie between two readings of a client.
    package static let limit = 16

    package private(set) var epoch: String
    /// The earlier epochs, oldest first.
    package private(set) var earlier: [Epoch] = []

    /// - Parameters:
    ///   - epoch: The present epoch.
    ///   - earlier: The earlier epochs, oldest first, of which the newest `limit` are kept.
    package init(epoch: String, earlier: [Epoch] = []) {
        self.epoch = epoch
        self.earlier = earlier.suffix(Self.limit)
    }

    /// Creates the line of a log that knows no earlier one.
    package static func new() -> RoomLine { RoomLine(epoch: makeEpoch()) }

    /// Returns the line after a run of which the log has kept the entries up to an offset.
    package func next(after last: UInt64) -> RoomLine {
        let kept = (earlier + [Epoch(name: epoch, last: last)]).map { Epoch(name: $0.name, last: min($0.last, last)) }
        return RoomLine(epoch: Self.makeEpoch() + first, earlier: kept)
    }

    /// Makes an epoch of 64 random bits.
    package static func makeEpoch() -> String { UInt64.random(in: .min ... .max).hexadecimal }

    /// The number of digits of 64 bits.
    private static let digits = 16

    /// The first epoch of the line.
    private var first: Substring { epoch.suffix(Self.digits) }

    /// Returns the offset up to which a reader at a position has read this log, and whether it has missed entries.
    ///
    /// - Parameters:
    ///   - position: The reader's position.
    ///   - last: The offset of the newest entry.
    ///   - start: The offset before the oldest entry, for a reader of another log.
    func known(of position: RoomPosition, last: UInt64, start: UInt64) -> (offset: UInt64, isGap: Bool) {
        guard let epoch = position.epoch else {
            return position.offset <= last ? (position.offset, false) : (start, true)
        }
        if epoch == self.epoch { return (min(position.offset, last), position.offset > last) }
        if let last = earlier.last(where: { $0.name == epoch })?.last {
            return (min(position.offset, last), position.offset > last)
        }
        // An unknown run of the same line: the reader has read this log's entries up to that offset, or has lost them
        // like those that the run added.
        guard let restored = earlier.last?.last, epoch.hasSuffix(first) else { return (start, true) }
        return (min(position.offset, restored), true)
    }
}
