import CarafeRooms
import GRDB
import NIOCore
import Synchronization

/// The work that drops expired rows of a file, and ends the claims of killed processes: a step a minute, and one a
/// second while there is more.
final class Upkeep: Sendable {
    private static let interval = TimeAmount.minutes(1)
    private static let pause = TimeAmount.seconds(1)

    private let database: any DatabaseWriter
    private let eventLoop: any EventLoop
    private let faults: FaultLog
    private let isStopped = Atomic(false)

    init(_ database: any DatabaseWriter, eventLoop: any EventLoop, faults: FaultLog) {
        self.database = database
        self.eventLoop = eventLoop
        self.faults = faults
    }

    func start() { schedule(in: Self.interval) }

    func stop() { isStopped.store(true, ordering: .releasing) }

    private func schedule(in time: TimeAmount) {
        eventLoop.scheduleTask(in: time) { [weak self] in
            guard let self, !isStopped.load(ordering: .acquiring) else { return }
            database.asyncWriteWithoutTransaction { [weak self] database in self?.work(database) }
        }
    }

    private func work(_ database: Database) {
        var hasMore = false
        do {
            try database.inTransaction(.immediate) {
                let now = WallClock.milliseconds
                try NodeLease.endExpired(database, at: now)
                hasMore = try ExpiredRows.drop(from: database, at: now)
                return .commit
            }
        } catch {
            hasMore = false
            faults.note(error, at: .write)
        }
        schedule(in: hasMore ? Self.pause : Self.interval)
    }
}
