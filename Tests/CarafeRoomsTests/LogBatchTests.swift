import CarafeWebSocketCodec
import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct LogBatchTests {
    private func read(_ posts: [(text: String, subject: String?, audience: String?)]) -> LogBatch? {
        var log = RoomLog(history: RoomHistory())
        for post in posts {
            let audience = post.audience.map { [Array($0.utf8)] }
            let subject = post.subject.map { Array($0.utf8) }
            _ = log.append(RoomPost(.text(post.text), to: audience, about: subject), at: .uptimeNanoseconds(0))
        }
        return log.read(after: 0)
    }

    @Test("conflating keeps the newest about each subject for the same audience, and all without a subject, in order")
    func conflate() throws {
        var batch = try #require(
            read([
                ("1", "a", nil), ("2", nil, nil), ("3", "b", nil), ("4", "a", "ann"), ("5", "a", nil), ("6", nil, nil),
            ]))
        let position = batch.position
        batch.conflate()
        #expect(batch.entries.map(\.message.text) == ["2", "3", "4", "5", "6"])
        #expect(batch.position == position)
    }

    @Test("a batch counts the bytes of its entries, with their fixed part")
    func bytes() throws {
        let batch = try #require(read([("1", nil, nil), ("22", nil, nil)]))
        #expect(batch.byteCount == 3 + 2 * 64)
    }
}
