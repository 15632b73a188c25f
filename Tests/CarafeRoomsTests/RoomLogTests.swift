import CarafeWebSocketCodec
import FoundationEssentials
import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomLogTests {
    private func log(_ count: Int, history: RoomHistory = RoomHistory()) -> RoomLog {
        var log = RoomLog(history: history)
        for number in 1...max(count, 1) where count > 0 {
            _ = log.append(RoomPost(.text("\(number)")), at: time(number))
        }
        return log
    }

    private func time(_ seconds: Int) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000) }

    private func snapshot(of log: RoomLog, isFinal: Bool = true, at now: NIODeadline) -> RoomSnapshot {
        RoomSnapshot(
            log, Roster(grace: nil), IdempotencyKeys(restoring: nil, epoch: log.epoch), isFinal: isFinal, at: now)
    }

    private func texts(_ entries: [LogEntry]) -> [String?] { entries.map(\.message.text) }

    @Test("an offset counts from one") func offsetCounts() {
        #expect(log(0).position.offset == 0)
        let log = log(3)
        #expect(log.position.offset == 3 && log.first == 1)
        #expect(log.entries(after: 0).map(\.offset) == [1, 2, 3])
        #expect(texts(log.entries(after: 1)) == ["2", "3"])
        #expect(log.entries(after: 3).isEmpty && log.entries(after: 9).isEmpty)
        #expect(texts(log.read(after: 1, upTo: .max)?.entries ?? []) == ["2", "3"])
        #expect(log.read(after: 3, upTo: .max) == nil)
    }

    @Test("a reader begins where it asks to") func readerBegins() {
        var log = log(5, history: RoomHistory(countLimit: 3))
        log.trim(needed: 5, delivered: 10, at: time(5))
        func begin(_ start: RoomStart) -> UInt64? {
            let (offset, gap) = log.resolve(start)
            return gap == nil ? offset : nil
        }
        #expect(begin(.now) == 5 && begin(.newest(2)) == 3 && begin(.newest(9)) == 2 && begin(.newest(0)) == 5)
        #expect(begin(.after(RoomPosition(offset: 4))) == 4)
        #expect(begin(.after(RoomPosition(offset: 4, epoch: log.epoch))) == 4)
        for position in [RoomPosition(offset: 6), RoomPosition(offset: 4, epoch: "0")] {
            let (offset, gap) = log.resolve(.after(position))
            #expect(offset == 2 && gap?.from == position && gap?.to.offset == 2)
        }
        #expect(log.read(after: 0, upTo: .max)?.gap?.to.offset == 2)
        #expect(log.read(after: 2, upTo: .max)?.gap == nil)
    }

    @Test("a read stops at its byte limit, but not before one entry") func readingStops() {
        let log = log(3)
        #expect(log.entries(after: 0, upTo: 1).count == 1)
        #expect(log.entries(after: 0, upTo: 2 * 65).count == 2)
    }

    @Test("the history is bounded by its count") func historyKeepsSoMany() {
        var log = log(10, history: RoomHistory(countLimit: 3))
        log.trim(needed: 10, delivered: 10, at: time(10))
        #expect(texts(log.entries(after: 0)) == ["8", "9", "10"] && log.first == 8)
        log = self.log(10, history: .none)
        log.trim(needed: 10, delivered: 10, at: time(10))
        #expect(log.entries(after: 0).isEmpty && log.first == 11)
    }

    @Test("the history is bounded by its bytes") func historyKeepsSoManyBytes() {
        var log = log(10, history: RoomHistory(byteLimit: 140))
        log.trim(needed: 10, delivered: 10, at: time(10))
        #expect(texts(log.entries(after: 0)) == ["8", "9", "10"])
    }

    @Test("the history is bounded by its age") func historyKeepsSoLong() {
        var log = log(10, history: RoomHistory(ageLimit: .seconds(3)))
        log.trim(needed: 10, delivered: 10, at: time(10))
        #expect(texts(log.entries(after: 0)) == ["8", "9", "10"])
    }

    @Test("entries that a subscriber has not read are kept") func entriesSubscriberNotRead() {
        var log = log(10, history: .none)
        log.trim(needed: 4, delivered: 10, at: time(10))
        #expect(log.first == 5)
    }

    @Test("a lagging subscriber keeps no more than the queue limit") func nobodyKeepsMore() {
        var log = RoomLog(history: .none)
        for _ in 1...50 { _ = log.append(RoomPost(.binary(ByteBuffer(repeating: 1, count: 100_000))), at: time(1)) }
        log.trim(needed: 0, delivered: 50, at: time(1))
        #expect(log.entries(after: 0).count == RoomLog.queueLimit / 100_064 + 1)
    }

    @Test("entries that a loop has not delivered are kept up to the delivery limit") func entriesLoopNotDelivered() {
        var log = RoomLog(history: .none)
        for _ in 1...700 { _ = log.append(RoomPost(.binary(ByteBuffer(repeating: 1, count: 100_000))), at: time(1)) }
        log.trim(needed: 0, delivered: 600, at: time(1))
        #expect(log.first == 601)
        var held = RoomLog(history: .none)
        for _ in 1...700 { _ = held.append(RoomPost(.binary(ByteBuffer(repeating: 1, count: 100_000))), at: time(1)) }
        held.trim(needed: 0, delivered: 0, at: time(1))
        #expect(held.entries(after: 0).count == RoomLog.deliveryLimit / 100_064 + 1)
    }

    @Test("the cost up to an offset is known while the offset is kept") func costUpOffsetKnown() {
        var log = log(10, history: RoomHistory(countLimit: 3))
        #expect(log.end(of: 0) == 0 && log.end(of: 10) == log.end.bytes && log.end(of: 11) == nil)
        log.trim(needed: 10, delivered: 10, at: time(10))
        #expect(log.end(of: 6) == nil && log.end(of: 7) == 7 * 65 && log.end(of: 9) == 9 * 65)
    }

    @Test("a log of an earlier run continues") func aLog() throws {
        var old = log(5, history: RoomHistory(countLimit: 3))
        _ = old.append(RoomPost(.binary(ByteBuffer(bytes: [0, 255])), to: [Array("ann".utf8)]), at: time(6))
        old.trim(needed: 6, delivered: 6, at: time(6))
        let json = try JSONEncoder().encode(snapshot(of: old, at: time(6)))
        var new = RoomLog(history: RoomHistory(), restoring: try JSONDecoder().decode(RoomSnapshot.self, from: json))
        #expect(new.epoch != old.epoch && new.last == 6 && new.first == 4)
        _ = new.append(RoomPost(.text("7")), at: time(7))
        // A position of the earlier run counts as far as that is known.
        for (offset, start, isGap) in [(4, 4, false), (6, 6, false), (7, 6, true), (1, 3, true)]
            as [(UInt64, UInt64, Bool)]
        {
            let (found, gap) = new.resolve(.after(RoomPosition(offset: offset, epoch: old.epoch)))
            #expect(found == start && (gap != nil) == isGap, "\(offset)")
        }
        let read = try #require(new.read(after: 4))
        #expect(texts(read.entries) == ["5", nil, "7"] && read.gap == nil)
        #expect(read.entries[1].isFor(Array("ann".utf8)) && !read.entries[1].isFor(Array("bob".utf8)))
        #expect(read.entries[1].message.bytes == ByteBuffer(bytes: [0, 255]))
        #expect(new.read(after: 1)?.gap?.to.offset == 3)
        #expect(new.epoch.hasSuffix(old.epoch))
        // Over two restarts.
        let newest = RoomLog(history: RoomHistory(), restoring: snapshot(of: new, at: .now()))
        #expect(newest.resolve(.after(RoomPosition(offset: 5, epoch: old.epoch))).gap == nil)
        #expect(newest.resolve(.after(RoomPosition(offset: 7, epoch: new.epoch))).gap == nil)
        #expect(newest.resolve(.after(RoomPosition(offset: 7, epoch: old.epoch))).gap != nil)
    }

    /// Returns all that a reader gets from a position on, in order: messages by their text, a gap by its end.
    private func story(of log: RoomLog, after position: RoomPosition) -> [String] {
        var (offset, gap) = log.resolve(.after(position))
        var story = gap.map { ["gap to \($0.to.offset)"] } ?? []
        while let reading = log.read(after: offset) {
            gap = reading.gap
            if let gap { story.append("gap to \(gap.to.offset)") }
            story += reading.entries.map { $0.message.text ?? "" }
            offset = reading.position.offset
        }
        return story
    }

    @Test("a log that goes on after a crash begins with a break, which every reader crosses")
    func breaks() {
        var old = log(100)
        let taken = snapshot(of: old, isFinal: false, at: time(100))
        for number in 101...110 { _ = old.append(RoomPost(.text("\(number)")), at: time(110)) }
        var new = RoomLog(history: RoomHistory(), restoring: taken)
        #expect(new.last == 101 && new.end.messages == 100)
        _ = new.append(RoomPost(.text("new")), at: time(111))
        func place(_ offset: UInt64, _ log: RoomLog) -> RoomPosition { RoomPosition(offset: offset, epoch: log.epoch) }
        #expect(story(of: new, after: place(95, old)) == ["96", "97", "98", "99", "100", "gap to 101", "new"])
        #expect(story(of: new, after: place(99, new)) == ["100", "gap to 101", "new"])
        for offset in [100, 101, 105, 110] as [UInt64] {
            #expect(story(of: new, after: place(offset, old)) == ["gap to 101", "new"], "\(offset)")
        }
        #expect(story(of: new, after: place(100, new)) == ["gap to 101", "new"])
        #expect(story(of: new, after: place(101, new)) == ["new"])
        // A newcomer has missed nothing before it.
        #expect(new.resolve(.newest(1)) == (101, nil) && new.resolve(.newest(2)).offset == 99)
        #expect(new.resolve(.now) == (102, nil))
        // The second crash: one that lost this run, and one after which it was kept.
        var third = RoomLog(history: RoomHistory(), restoring: taken)
        _ = third.append(RoomPost(.text("third")), at: time(120))
        #expect(story(of: third, after: place(99, old)) == ["100", "gap to 101", "third"])
        #expect(story(of: third, after: place(102, new)) == ["gap to 101", "third"])
        #expect(story(of: third, after: place(99, new)) == ["gap to 99", "100", "gap to 101", "third"])
        third = RoomLog(history: RoomHistory(), restoring: snapshot(of: new, isFinal: false, at: time(120)))
        _ = third.append(RoomPost(.text("third")), at: time(121))
        #expect(story(of: third, after: place(99, old)) == ["100", "gap to 101", "new", "gap to 103", "third"])
        #expect(story(of: third, after: place(105, old)) == ["gap to 101", "new", "gap to 103", "third"])
        #expect(story(of: third, after: place(102, new)) == ["gap to 103", "third"])
        // A clean end after it tells nothing more.
        let last = RoomLog(history: RoomHistory(), restoring: snapshot(of: third, at: time(122)))
        #expect(last.last == 104 && story(of: last, after: place(104, third)).isEmpty)
        #expect(story(of: last, after: place(102, new)) == ["gap to 103", "third"])
    }

    @Test("a break in an empty log, and one beside dropped entries")
    func breaksAtTheEdge() {
        let empty = log(0)
        let new = RoomLog(history: .none, restoring: snapshot(of: empty, isFinal: false, at: time(1)))
        #expect(story(of: new, after: empty.position) == ["gap to 1"])
        let clean = RoomLog(history: .none, restoring: snapshot(of: empty, at: time(1)))
        #expect(story(of: clean, after: empty.position).isEmpty)
        var short = log(10, history: RoomHistory(countLimit: 2))
        short.trim(needed: 10, delivered: 10, at: time(10))
        var restored = RoomLog(
            history: RoomHistory(countLimit: 2), restoring: snapshot(of: short, isFinal: false, at: time(10)))
        #expect(
            story(of: restored, after: RoomPosition(offset: 3, epoch: short.epoch)) == [
                "gap to 8", "9", "10", "gap to 11",
            ])
        for number in 12...14 { _ = restored.append(RoomPost(.text("\(number)")), at: .now()) }
        restored.trim(needed: 14, delivered: 14, at: .now())
        #expect(story(of: restored, after: RoomPosition(offset: 9, epoch: short.epoch)) == ["gap to 12", "13", "14"])
    }

    @Test("a snapshot has a version: older ones are read, newer ones refused in one line")
    func snapshotVersion() throws {
        let snapshot = snapshot(of: log(3), at: time(3))
        let json = String(decoding: try JSONEncoder().encode(snapshot), as: UTF8.self)
        func decode(_ json: String) throws -> RoomSnapshot {
            try JSONDecoder().decode(RoomSnapshot.self, from: Data(json.utf8))
        }
        #expect(try decode(json) == snapshot && json.contains("\"version\":2"))
        // One of before there were versions was taken while its room went on, as far as is known.
        let old = json.replacing("\"version\":2,", with: "").replacing(",\"version\":2", with: "")
            .replacing("\"isFinal\":true,", with: "").replacing(",\"isFinal\":true", with: "")
        #expect(!old.contains("version") && !old.contains("isFinal"))
        #expect(try decode(old).isFinal == false)
        #expect(RoomLog(history: RoomHistory(), restoring: try decode(old)).last == 4)
        for version in ["3", "0", "99"] {
            #expect(throws: RoomError.unknownSnapshot(version: Int(version) ?? 0)) {
                try decode(json.replacing("\"version\":2", with: "\"version\":\(version)"))
            }
        }
        #expect(!"\(RoomError.unknownSnapshot(version: 3))".contains("\n"))
    }

    @Test("every log has an epoch of its own") func everyLog() {
        #expect(log(0).epoch != log(0).epoch && log(0).epoch.utf8.count == 8)
        #expect(RoomPosition("\(log(3).position)")?.offset == 3)
    }
}
