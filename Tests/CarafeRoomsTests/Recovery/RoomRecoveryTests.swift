import Carafe
import Foundation
import TestSupport
import Testing

@testable import CarafeRooms

/// The law of rooms: a subscriber that comes back with its position, to whichever node, reads each acknowledged message
/// once and in order, by whatever way it comes, or is told a gap at the place where the message would have been.
///
/// The truth is what was acknowledged. Schedules are drawn from a seed: three nodes and an engine that loses, delays
/// and doubles hints, fails before a step or after it, is away, loses its tail, or comes back empty; nodes that are
/// killed; clients that leave in the middle, stall, change their way and their node, ask twice; publishers who try
/// again. In a quarter of them there is one node, and no engine. `make test-recovery` runs 100,000.
@Suite(.timeLimit(.minutes(60))) struct RoomRecoveryTests {
    private static let schedules = ProcessInfo.processInfo.environment["RECOVERY_SCHEDULES"].flatMap(Int.init) ?? 1000
    private static let cases = 8
    /// One schedule to run alone, to look into it.
    private static let only = ProcessInfo.processInfo.environment["RECOVERY_SEED"].flatMap(Int.init)

    @Test("no entry is lost, doubled or out of order", arguments: 0..<cases)
    func law(first: Int) async throws {
        for seed in stride(from: first, to: Self.schedules, by: Self.cases) where Self.only ?? seed == seed {
            var schedule = try RecoverySchedule(seed: UInt64(seed))
            let broken = await schedule.run()
            #expect(broken == nil, "seed \(seed)")
            if broken != nil { return }
        }
    }
}
