/// A part of a log of this process in which all positions have one epoch.
struct LogSegment: Sendable {
    let epoch: String
    /// The difference of an entry's offset in its engine's log and in the log of this process, modulo 2^64; 0 where the
    /// latter is the only one.
    let shift: UInt64
    /// Whether messages are JSON, and not any text or bytes.
    let isJSON: Bool

    func position(of offset: UInt64) -> RoomPosition { RoomPosition(offset: offset &+ shift, epoch: epoch) }

    /// Returns the offset in the log of this process of an entry of the engine's log.
    func offset(of engineOffset: UInt64) -> UInt64 { engineOffset &- shift }
}
