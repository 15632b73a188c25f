import CarafeRooms
import CarafeRuntime
import GRDB
import NIOCore
import Synchronization

/// Commits the steps of many callers in one transaction: those that have come while the last one was committed.
///
/// A call returns after the commit of its step. One that has waited for too long fails, and is then never taken. While
/// the file is not at its path, all fail.
final class GroupCommit: Sendable {
    /// The maximum time of a call.
    static let timeLimit = TimeAmount.seconds(2)
    /// The maximum number of waiting steps.
    static let stepLimit = 10_000
    /// The maximum number of steps in one transaction: the app's own transactions come between.
    private static let groupLimit = 1000
    /// The time between two looks for steps that have waited for too long.
    private static let lookInterval = TimeAmount.milliseconds(250)

    private struct State {
        var waiting: CircularBuffer<(step: PendingStep, deadline: NIODeadline)> = []
        /// The steps of the present transaction.
        var taken: [(step: PendingStep, deadline: NIODeadline)] = []
        var isWriting = false
        var isLooking = false
        var isClosed = false
    }

    private let database: any DatabaseWriter
    private let eventLoop: any EventLoop
    private let place: FilePlace
    private let state = Mutex(State())
    /// Receives the appended entries of each transaction.
    private let committed: @Sendable ([(room: String, page: EnginePage)]) -> Void
    /// Receives the error of a transaction that has failed.
    private let failed: @Sendable (any Error) -> Void

    init(
        _ database: any DatabaseWriter, at place: FilePlace, eventLoop: any EventLoop,
        committed: @escaping @Sendable ([(room: String, page: EnginePage)]) -> Void,
        failed: @escaping @Sendable (any Error) -> Void
    ) {
        self.database = database
        self.place = place
        self.eventLoop = eventLoop
        self.committed = committed
        self.failed = failed
    }

    /// Takes a step, and returns its result after the commit.
    ///
    /// - Throws: The error of the step if it is a `RoomError`, and otherwise `.unavailable`.
    func perform<Value: Sendable>(
        _ step: @escaping @Sendable (RoomTransaction) throws -> Value
    ) async throws(RoomError) -> Value {
        let result = Mutex<Value?>(nil)
        do {
            try await withUnsafeThrowingContinuation { continuation in
                add(
                    PendingStep(continuation) { transaction in
                        let value = try step(transaction)
                        result.withLock { $0 = value }
                    })
            }
        } catch let error as RoomError {
            throw error
        } catch {
            throw .unavailable
        }
        guard let value = result.withLock({ $0 }) else { throw .unavailable }
        return value
    }

    /// Refuses all steps from now on.
    func close() {
        let steps = state.withLock { state in
            state.isClosed = true
            defer { state.waiting.removeAll() }
            return Array(state.waiting)
        }
        for (step, _) in steps { step.end(.failure(RoomError.unavailable)) }
    }

    // MARK: Waiting

    private func add(_ step: PendingStep) {
        let deadline = eventLoop.now + Self.timeLimit
        let (isRefused, writes, looks) = state.withLock { state in
            if state.isClosed || state.waiting.count >= Self.stepLimit { return (true, false, false) }
            state.waiting.append((step, deadline))
            defer { (state.isWriting, state.isLooking) = (true, true) }
            return (false, !state.isWriting, !state.isLooking)
        }
        if isRefused { step.end(.failure(RoomError.unavailable)) }
        if looks { look() }
        if writes { database.asyncWriteWithoutTransaction { [self] database in write(database) } }
    }

    /// Fails the steps that have waited for too long, for as long as any waits.
    private func look() {
        eventLoop.scheduleTask(in: Self.lookInterval) { [self] in
            let now = eventLoop.now
            let (late, goesOn) = state.withLock { state in
                var late = state.taken.filter { $0.deadline <= now }.map(\.step)
                while let first = state.waiting.first, first.deadline <= now {
                    late.append(state.waiting.removeFirst().step)
                }
                state.isLooking = !state.waiting.isEmpty || !state.taken.isEmpty
                return (late, state.isLooking)
            }
            for step in late { step.end(.failure(RoomError.unavailable)) }
            if goesOn { look() }
        }
    }

    // MARK: Writing

    /// Commits one group, and then lets others write before the next.
    private func write(_ database: Database) {
        let steps = state.withLock { state in
            state.taken = Array(state.waiting.prefix(Self.groupLimit))
            state.waiting.removeFirst(state.taken.count)
            return state.taken.map(\.step)
        }
        commit(steps, database)
        let goesOn = state.withLock { state in
            state.taken = []
            state.isWriting = !state.waiting.isEmpty
            return state.isWriting
        }
        if goesOn { self.database.asyncWriteWithoutTransaction { [self] database in write(database) } }
    }

    private func commit(_ steps: [PendingStep], _ database: Database) {
        var refused: [(PendingStep, RoomError)] = []
        var done: [PendingStep] = []
        do {
            let transaction = RoomTransaction(database)
            try place.require()
            try database.inTransaction(.immediate) {
                for step in steps where step.isWaiting {
                    do {
                        try step.take(transaction)
                        done.append(step)
                    } catch let error as RoomError {
                        refused.append((step, error))
                    }
                }
                try transaction.finish()
                return .commit
            }
            // A file that has gone meanwhile may have the steps, but nobody finds them there.
            try place.require()
            committed(transaction.pages)
            for step in done { step.end(.success(())) }
            for (step, error) in refused { step.end(.failure(error)) }
        } catch let error where steps.count > 1 && RoomFile.isDamage(error) {
            // The damage may be in one room of many.
            for step in steps { commit([step], database) }
        } catch {
            failed(error)
            for step in steps { step.end(.failure(RoomError.unavailable)) }
        }
    }
}
