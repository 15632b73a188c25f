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
        #expect(begin(.after(RoomPosition(offset: 4, epoch: log.line.epoch))) == 4)
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

    /// Returns all that a reader gets from a position on, in order: messages by their text, a gap by its end.
    private func story(of log: RoomLog, after position: RoomPosition) -> [String] {
        var (offset, gap) = log.resolve(.after(position))
        var story = gap.map { ["gap to \($0.to.offset)"] } ?? []
        while let reading = log.read(after: offset) {
            gap = reading.gap
            if let gap { story.append("gap to \(gap.to.offset)") }
            story += reading.entries.map { $0.message.text ?? "" }
            offset = reading.last
        }
        return story
    }

    // MARK: The copy of an engine's log

    private func entries(_ offsets: ClosedRange<UInt64>, _ run: String = "") -> [EngineEntry] {
        offsets.map { EngineEntry(offset: $0, time: WallClock.milliseconds, post: RoomPost(.text("\($0)\(run)"))) }
    }

    private func opening(_ line: RoomLine, _ entries: [EngineEntry], end: UInt64? = nil) -> EngineOpening {
        let end = RoomPosition(offset: end ?? entries.last?.offset ?? 0, epoch: line.epoch)
        return EngineOpening(line: line, names: [], page: EnginePage(end: end, entries: entries))
    }

    /// Returns a log that is the copy of an engine's.
    private func copy(_ line: RoomLine, _ entries: [EngineEntry]) -> RoomLog {
        var log = RoomLog(history: RoomHistory())
        _ = log.copy(opening(line, entries), at: .now())
        return log
    }

    /// Copies, and returns whether there was a gap.
    private func copy(_ opening: EngineOpening, to log: inout RoomLog) -> Bool { log.copy(opening, at: .now()) }

    private func append(_ entries: [EngineEntry], to log: inout RoomLog) -> Bool { log.append(entries, at: .now()) }

    @Test("a copy has the positions of the engine, and all that the engine has")
    func copies() {
        let line = RoomLine.new()
        let log = copy(line, entries(51...60))
        #expect(log.position == RoomPosition(offset: 60, epoch: line.epoch))
        #expect(story(of: log, after: RoomPosition(offset: 58, epoch: line.epoch)) == ["59", "60"])
        #expect(story(of: log, after: RoomPosition(offset: 48, epoch: line.epoch)).prefix(2) == ["gap to 50", "51"])
        #expect(story(of: log, after: RoomPosition(offset: 3, epoch: "00")).prefix(2) == ["gap to 50", "51"])
        #expect(
            log.resolve(.newest(2)).gap == nil && log.read(after: log.resolve(.newest(2)).offset)?.entries.count == 2)
        #expect(log.read(after: log.resolve(.newest(99)).offset)?.entries.count == 10)
    }

    @Test("the next entries are appended, those that are here already skipped, and later ones refused")
    func follows() {
        var log = copy(.new(), entries(1...3))
        #expect(append(entries(2...5), to: &log) && log.position.offset == 5)
        #expect(append(entries(1...2), to: &log) && log.position.offset == 5)
        #expect(!append(entries(7...8), to: &log) && log.position.offset == 5)
        #expect(texts(log.read(after: log.last - 5)?.entries ?? []) == ["1", "2", "3", "4", "5"])
    }

    @Test("a copy that is read again without a loss goes on, and its readers notice nothing")
    func readsAgain() {
        let line = RoomLine.new()
        var log = copy(line, entries(1...3))
        let reader = log.last
        #expect(!copy(opening(line, entries(1...6)), to: &log))
        #expect(
            log.read(after: reader)?.gap == nil && texts(log.read(after: reader)?.entries ?? []) == ["4", "5", "6"])
        // The engine was restarted, and has lost nothing that was read.
        let next = line.next(after: 8)
        let more = entries(1...8) + [EngineEntry(offset: 9, time: 0, post: .break)] + entries(10...10)
        #expect(!copy(opening(next, more), to: &log))
        #expect(log.position == RoomPosition(offset: 10, epoch: next.epoch))
        for epoch in [line.epoch, next.epoch] {
            let position = RoomPosition(offset: 6, epoch: epoch)
            #expect(story(of: log, after: position) == ["7", "8", "gap to 9", "10"])
        }
        #expect(log.read(after: reader)?.entries.last?.position == RoomPosition(offset: 8, epoch: next.epoch))
    }

    @Test("where the engine has dropped the next entries there is a gap, and what was read does not come again")
    func hole() {
        let line = RoomLine.new()
        var log = copy(line, entries(1...3))
        let (reader, late) = (log.last, log.last - 1)
        #expect(copy(opening(line, entries(51...52)), to: &log))
        let batch = log.read(after: reader)
        #expect(batch?.gap?.from.offset == 3 && batch?.gap?.to.offset == 50)
        #expect(texts(batch?.entries ?? []) == ["51", "52"])
        // One that lags reads first what it still can.
        #expect(texts(log.read(after: late)?.entries ?? []) == ["3"])
        #expect(story(of: log, after: RoomPosition(offset: 50, epoch: line.epoch)) == ["51", "52"])
    }

    @Test("of a lost tail each reader is told, and reads only what follows")
    func lostTail() {
        let line = RoomLine.new()
        var log = copy(line, entries(1...10))
        let (reader, late) = (log.last, log.last - 5)
        // Of ten acknowledged entries the engine has kept eight.
        let next = line.next(after: 8)
        let kept = entries(1...8) + [EngineEntry(offset: 9, time: 0, post: .break)] + entries(10...11, " new")
        #expect(copy(opening(next, kept), to: &log))
        let batch = log.read(after: reader)
        #expect(batch?.gap?.from == RoomPosition(offset: 10, epoch: line.epoch))
        #expect(batch?.gap?.to == RoomPosition(offset: 9, epoch: next.epoch))
        #expect(texts(batch?.entries ?? []) == ["10 new", "11 new"])
        #expect(texts(log.read(after: late)?.entries ?? []) == ["6", "7", "8", "9", "10"])
        #expect(
            story(of: log, after: RoomPosition(offset: 7, epoch: line.epoch)) == ["8", "gap to 9", "10 new", "11 new"])
        #expect(story(of: log, after: RoomPosition(offset: 9, epoch: line.epoch)) == ["gap to 9", "10 new", "11 new"])
        #expect(story(of: log, after: RoomPosition(offset: 9, epoch: next.epoch)) == ["10 new", "11 new"])
    }

    @Test("the log of an emptied engine is another one, and all of it is new")
    func emptied() {
        var log = copy(.new(), entries(1...10))
        let (reader, position) = (log.last, log.position)
        let other = RoomLine.new()
        #expect(copy(opening(other, entries(1...2, " new")), to: &log))
        let batch = log.read(after: reader)
        #expect(batch?.gap?.from == position && batch?.gap?.to == RoomPosition(offset: 0, epoch: other.epoch))
        #expect(texts(batch?.entries ?? []) == ["1 new", "2 new"])
        #expect(story(of: log, after: position) == ["gap to 0", "1 new", "2 new"])
        // An empty one, which then gets its first entry.
        let third = RoomLine.new()
        #expect(
            copy(opening(third, [], end: 0), to: &log) && log.position == RoomPosition(offset: 0, epoch: third.epoch))
        #expect(append(entries(1...1), to: &log) && log.position.offset == 1)
        #expect(story(of: log, after: RoomPosition(offset: 2, epoch: other.epoch)) == ["gap to 0", "1"])
    }

    @Test("a copy that was forgotten begins again with all that the engine has")
    func forgotten() {
        let line = RoomLine.new()
        var log = copy(line, entries(1...10))
        log.forget()
        #expect(log.entries(after: 0).isEmpty)
        _ = log.copy(opening(line, entries(1...12)), at: .now())
        #expect(story(of: log, after: RoomPosition(offset: 4, epoch: line.epoch)) == (5...12).map { "\($0)" })
    }

    @Test("a reader that was overtaken at a break does not read twice")
    func overtakenAtBreak() {
        let line = RoomLine.new()
        var log = RoomLog(history: RoomHistory(countLimit: 5))
        _ = log.copy(opening(line, entries(1...10)), at: .now())
        let reader = log.last
        // The engine has lost its epoch, and has entries that the reader has read.
        let next = RoomLine(epoch: RoomLine.makeEpoch(), earlier: [RoomLine.Epoch(name: line.epoch, last: 9)])
        #expect(copy(opening(next, entries(1...14)), to: &log))
        log.trim(needed: log.last, delivered: log.last, at: .now())
        let batch = log.read(after: reader)
        #expect(batch?.gap != nil && texts(batch?.entries ?? []) == ["10", "11", "12", "13", "14"])
    }

    @Test("the age of an entry is that of the engine")
    func ages() {
        var log = RoomLog(history: RoomHistory(ageLimit: .seconds(60)))
        let now = NIODeadline.uptimeNanoseconds(10_000_000_000_000)
        let entries = [100_000, 30_000, -5000].enumerated().map { index, age in
            EngineEntry(
                offset: UInt64(index + 1), time: WallClock.milliseconds - age, post: RoomPost(.text("\(index)")))
        }
        _ = log.copy(opening(.new(), entries), at: now)
        log.trim(needed: log.last, delivered: log.last, at: now)
        #expect(texts(log.entries(after: 0)) == ["1", "2"])
    }

    @Test("every log has an epoch of its own") func everyLog() {
        #expect(log(0).line.epoch != log(0).line.epoch && log(0).line.epoch.utf8.count == 16)
        #expect(RoomPosition("\(log(3).position)")?.offset == 3)
    }
}
