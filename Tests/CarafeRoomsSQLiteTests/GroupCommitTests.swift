import CarafeWebSocketCodec
import Dispatch
import GRDB
import NIOCore
import NIOEmbedded
import Synchronization
import TestSupport
import Testing

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

@Suite("Group commit", .timeLimit(.minutes(10)))
struct GroupCommitTests {
    private static let tea = EngineRoom(name: "tea", history: RoomHistory(countLimit: 100_000))

    private let file: RoomFileFixture
    private let eventLoop = NIOAsyncTestingEventLoop()
    private let commits: GroupCommit
    /// The number of entries of each transaction.
    private let groups: Recorded<Int>
    private let failures: Recorded<String>

    init() throws {
        file = try RoomFileFixture()
        let (groups, failures) = (Recorded<Int>(), Recorded<String>())
        (self.groups, self.failures) = (groups, failures)
        commits = GroupCommit(
            file.database, at: FilePlace(file.path), eventLoop: eventLoop,
            committed: { pages in groups.add(pages.map(\.page.entries.count).reduce(0, +)) },
            failed: { failures.add("\($0)") })
    }

    /// Begins to post: the step waits when this returns.
    private func post(_ number: Int = 0) -> Task<UInt64, any Error> {
        perform { try $0.append(RoomPost(.text("\(number)")), key: nil, to: Self.tea).offset }
    }

    private func perform<Value: Sendable>(
        _ step: @escaping @Sendable (RoomTransaction) throws -> Value
    ) -> Task<Value, any Error> {
        Task.immediate { try await commits.perform(step) }
    }

    /// Keeps the connection that writes busy until the result is called.
    private func hold() async -> @Sendable () -> Void {
        let (held, release) = (Gate(), DispatchSemaphore(value: 0))
        file.database.asyncWriteWithoutTransaction { _ in
            held.open()
            release.wait()
        }
        await held.wait()
        return { release.signal() }
    }

    @Test("the steps that come while others are committed are one transaction, in their order")
    func group() async throws {
        let release = await hold()
        let posts = (0..<50).map { post($0) }
        release()
        for (index, post) in posts.enumerated() { #expect(try await post.value == UInt64(index + 1)) }
        #expect(groups.all == [50])
        #expect(try await post().value == 51)
        #expect(groups.all == [50, 1])
    }

    @Test("a transaction has at most a thousand steps")
    func groupLimit() async throws {
        let release = await hold()
        let posts = (0..<1500).map { post($0) }
        release()
        for post in posts { _ = try await post.value }
        #expect(groups.all == [1000, 500])
    }

    @Test("a step too many is refused at once, while the others wait")
    func stepLimit() async throws {
        let release = await hold()
        let posts = (0..<GroupCommit.stepLimit).map { post($0) }
        await #expect(throws: RoomError.unavailable) { try await post().value }
        release()
        for post in posts { _ = try await post.value }
        #expect(groups.all.reduce(0, +) == GroupCommit.stepLimit)
    }

    @Test("a step that has waited for 2 seconds is refused within a quarter of a second, and never taken")
    func late() async throws {
        let release = await hold()
        let late = post()
        await eventLoop.advanceTime(by: .seconds(1))
        let early = post()
        await eventLoop.advanceTime(by: .milliseconds(1250))
        await #expect(throws: RoomError.unavailable) { try await late.value }
        release()
        #expect(try await early.value == 1)
        #expect(groups.all == [1])
    }

    @Test("a refusal of a room leaves the others of its group alone")
    func refusal() async throws {
        let release = await hold()
        let first = post()
        let refused = perform { _ in throw RoomError.nobody("ann") }
        let second = post()
        release()
        #expect(try await first.value == 1)
        await #expect(throws: RoomError.nobody("ann")) { try await refused.value }
        #expect(try await second.value == 2)
        #expect(failures.all.isEmpty)
    }

    @Test("an error of the database refuses its whole group, which is rolled back, and the next one goes on")
    func failure() async throws {
        let release = await hold()
        let first = post()
        let failed = perform { _ in throw DatabaseError(resultCode: .SQLITE_FULL) }
        release()
        for task in [Task { _ = try await first.value }, failed] {
            await #expect(throws: RoomError.unavailable) { try await task.value }
        }
        #expect(failures.all.count == 1 && groups.all.isEmpty)
        #expect(try await post().value == 1)
    }

    @Test("the end refuses the steps that wait, and all later ones")
    func close() async throws {
        let release = await hold()
        let waiting = post()
        commits.close()
        await #expect(throws: RoomError.unavailable) { try await waiting.value }
        await #expect(throws: RoomError.unavailable) { try await post().value }
        release()
        try await file.database.write { _ in }
        #expect(groups.all.reduce(0, +) == 0)
    }
}

/// Values in the order in which they came.
final class Recorded<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    var all: [Value] { values.withLock { $0 } }

    func add(_ value: Value) { values.withLock { $0.append(value) } }
}
