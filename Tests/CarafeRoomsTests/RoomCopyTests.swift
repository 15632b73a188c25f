import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomCopyTests {
    private static let line = RoomLine(epoch: "1111111111111111")
    private static let later = RoomLine(
        epoch: "22222222222222221111111111111111", earlier: [RoomLine.Epoch(name: line.epoch, last: 3)])
    private static let other = RoomLine(epoch: "3333333333333333")

    /// A copy with the log and the members that it brings in line.
    private struct Copy {
        var copy = RoomCopy()
        var log = RoomLog(history: RoomHistory())
        var members = RoomMembers(PresenceOptions(), areCopied: true)
        var removals: [String] = []

        mutating func take(_ event: RoomCopy.Event) {
            for removal in copy.take(event, into: &log, &members, at: .now()) {
                switch removal {
                case .all: removals.append("all")
                case .one(let name): removals.append(String(decoding: name, as: UTF8.self))
                }
            }
        }

        /// A copy of a log with three messages, and the name ann.
        static func opened() -> Copy {
            var copy = Copy()
            _ = copy.copy.stepNeeded(for: .now, in: copy.log)
            _ = copy.copy.steps.begin()
            copy.take(.opening(opening(line, 1...3, names: ["ann"])))
            return copy
        }
    }

    private static func post(_ offset: UInt64, _ post: RoomPost? = nil) -> EngineEntry {
        EngineEntry(offset: offset, time: WallClock.milliseconds, post: post ?? RoomPost(.text("\(offset)")))
    }

    private static func page(
        _ line: RoomLine = line, _ offsets: ClosedRange<UInt64>? = nil, end: UInt64? = nil, posts: [RoomPost] = []
    ) -> EnginePage {
        var entries = (offsets.map { Array($0) } ?? []).map { post($0) }
        for (index, post) in posts.enumerated() { entries[index].post = post }
        return EnginePage(
            end: RoomPosition(offset: end ?? offsets?.upperBound ?? 0, epoch: line.epoch), entries: entries)
    }

    private static func opening(
        _ line: RoomLine, _ offsets: ClosedRange<UInt64>, names: [String] = []
    ) -> EngineOpening {
        EngineOpening(line: line, names: names.map { Array($0.utf8) }, page: page(line, offsets))
    }

    // MARK: Hints and ends

    @Test(
        "a hint that follows is taken, an old one dropped, and any other needs a step",
        arguments: [
            (page(line, 4...4), 4, .following), (page(line, 4...6), 6, .following),
            // Doubled or late.
            (page(line, 2...3), 3, .following), (page(line, 3...4), 4, .following),
            // One before it is lost, or the log is another one.
            (page(line, 5...5), 3, .behind(.read)), (page(later, 4...4), 3, .behind(.read)),
            (page(other, 1...1), 3, .behind(.read)),
            // There is more than the hint has.
            (page(line, 4...5, end: 9), 5, .behind(.read)),
        ] as [(EnginePage, UInt64, CopySteps.Phase)])
    private func hints(hint: EnginePage, last: UInt64, phase: CopySteps.Phase) {
        var copy = Copy.opened()
        copy.take(.hint(hint))
        #expect(
            copy.log.position == RoomPosition(offset: last, epoch: Self.line.epoch) && copy.copy.steps.phase == phase)
    }

    @Test(
        "an end that is not the copy's needs a step, unless the copy has gone on since",
        arguments: [
            (3, line, 3, .following), (4, line, 3, .behind(.read)), (2, line, 3, .behind(.read)),
            (3, later, 3, .behind(.read)), (0, nil, 3, .behind(.read)),
            // Asked before the last entry came.
            (2, line, 2, .following), (3, line, 2, .following), (4, line, 2, .behind(.read)),
            (2, other, 2, .behind(.read)), (0, nil, 2, .behind(.read)),
        ] as [(UInt64, RoomLine?, UInt64, CopySteps.Phase)])
    private func ends(offset: UInt64, line: RoomLine?, asked: UInt64, phase: CopySteps.Phase) {
        var copy = Copy.opened()
        let end = RoomPosition(offset: offset, epoch: line?.epoch)
        copy.take(.end(end, askedAt: RoomPosition(offset: asked, epoch: Self.line.epoch)))
        #expect(copy.copy.steps.phase == phase && copy.log.position.offset == 3)
    }

    @Test("before the first opening neither a hint nor an end is of use")
    func unopened() {
        var copy = Copy()
        copy.take(.hint(Self.page(Self.line, 1...1)))
        copy.take(.end(RoomPosition(offset: 1, epoch: "e"), askedAt: copy.log.position))
        #expect(copy.log.last == 0 && copy.copy.steps.phase == .following)
    }

    // MARK: Steps

    @Test(
        "a page ends a step, or another step follows",
        arguments: [
            (page(line, 4...6), 6, .following), (page(line, nil, end: 3), 3, .following),
            // There is more.
            (page(line, 4...6, end: 9), 6, .behind(.read)),
            // The engine has dropped the next entries, or has another log, or fewer entries.
            (page(line, 7...9), 3, .behind(.open)), (page(line, nil, end: 9), 3, .behind(.open)),
            (page(later, 4...6), 3, .behind(.open)), (page(line, nil, end: 2), 3, .behind(.open)),
        ] as [(EnginePage, UInt64, CopySteps.Phase)])
    private func pages(page: EnginePage, last: UInt64, phase: CopySteps.Phase) {
        var copy = Copy.opened()
        copy.copy.steps.need(.read)
        _ = copy.copy.steps.begin()
        copy.take(.page(page))
        #expect(copy.log.position.offset == last && copy.copy.steps.phase == phase)
        #expect(copy.copy.steps.hasEnded(2) == (phase == .following))
    }

    @Test(
        "an opening makes the copy that of the log, and reports lost entries",
        arguments: [
            (opening(line, 1...5), line, 5, []), (opening(line, 3...5), line, 5, []),
            (opening(later, 1...5), later, 5, []),
            // Entries are dropped that the copy has not, or the log is another one.
            (opening(line, 6...7), line, 7, ["all"]), (opening(other, 1...1), other, 1, ["all"]),
        ] as [(EngineOpening, RoomLine, UInt64, [String])])
    private func openings(opening: EngineOpening, line: RoomLine, last: UInt64, removals: [String]) {
        var copy = Copy.opened()
        copy.copy.steps.need(.open)
        _ = copy.copy.steps.begin()
        copy.take(.opening(opening))
        #expect(copy.log.line == line && copy.log.position == RoomPosition(offset: last, epoch: line.epoch))
        #expect(copy.removals == removals && copy.copy.steps.phase == .following)
    }

    @Test("a removal ends the connections of its name, and a break those of all: it may have hidden a removal")
    func removals() {
        var copy = Copy.opened()
        copy.take(.hint(Self.page(Self.line, 4...6, posts: [.removal(of: Array("ann".utf8)), RoomPost(.text("a"))])))
        #expect(copy.removals == ["ann"])
        copy.take(.hint(Self.page(Self.line, 7...7, posts: [.break])))
        #expect(copy.removals == ["ann", "all"])
    }

    @Test("the hints of a step are taken after it, and may need another")
    func hintsDuring() {
        var copy = Copy.opened()
        copy.copy.steps.need(.read)
        _ = copy.copy.steps.begin()
        for offsets in [4...4, 5...5, 7...7] as [ClosedRange<UInt64>] {
            copy.take(.hint(Self.page(Self.line, offsets)))
        }
        #expect(copy.log.position.offset == 3)
        copy.take(.page(Self.page(Self.line, 4...4)))
        #expect(copy.log.position.offset == 5 && copy.copy.steps.phase == .behind(.read))
    }

    @Test("a step that fails is needed again")
    func failure() {
        var copy = Copy.opened()
        copy.copy.steps.need(.read)
        _ = copy.copy.steps.begin()
        copy.take(.failure)
        #expect(copy.copy.steps.phase == .behind(.read) && copy.copy.steps.failed == 2)
    }

    // MARK: Positions

    @Test(
        "a subscriber begins without a step where the copy has its position, or knows that the log has gone on",
        arguments: [
            (.now, true), (.newest(9), true), (.after(RoomPosition(offset: 9)), true),
            (.after(RoomPosition(offset: 5, epoch: later.epoch)), true),
            (.after(RoomPosition(offset: 6, epoch: later.epoch)), false),
            (.after(RoomPosition(offset: 9, epoch: line.epoch)), true),
            (.after(RoomPosition(offset: 1, epoch: other.epoch)), false),
        ] as [(RoomStart, Bool)])
    private func covers(start: RoomStart, isCovered: Bool) {
        var copy = Copy.opened()
        #expect(!RoomCopy().covers(start, in: copy.log))
        copy.copy.steps.need(.open)
        _ = copy.copy.steps.begin()
        copy.take(.opening(Self.opening(Self.later, 1...5)))
        #expect(copy.copy.stepNeeded(for: start, in: copy.log) == (isCovered ? nil : 3))
        #expect(copy.copy.steps.phase == (isCovered ? .following : .behind(.read)))
    }

    // MARK: Members

    @Test("the names are those of the opening, and then of each change; a removal is returned once")
    func members() {
        var copy = Copy.opened()
        #expect(copy.members.names == ["ann"] && copy.removals.isEmpty)
        let posts: [RoomPost] = [.change(.joined("bob")), .removal(of: Array("ann".utf8)), .change(.left("ann"))]
        let hint = Self.page(Self.line, 4...6, posts: posts)
        copy.take(.hint(hint))
        copy.take(.hint(hint))
        #expect(copy.members.names == ["bob"] && copy.removals == ["ann"] && copy.log.position.offset == 6)
    }

    @Test("an opening that goes on from the copy has the removals since, and the first one none")
    func removalsInOpening() {
        let removal = RoomPost.removal(of: Array("ann".utf8))
        var opening = Self.opening(Self.line, 1...4)
        opening.page.entries[3].post = removal
        var copy = Copy.opened()
        copy.copy.steps.need(.open)
        _ = copy.copy.steps.begin()
        copy.take(.opening(opening))
        #expect(copy.removals == ["ann"])
        copy = Copy()
        copy.copy.steps.need(.open)
        _ = copy.copy.steps.begin()
        copy.take(.opening(opening))
        #expect(copy.removals.isEmpty && copy.copy.steps.isOpen)
    }

    @Test("the changes of members are for nobody in a room without presence, and count there too")
    func withoutPresence() {
        var copy = Copy.opened()
        copy.members = RoomMembers(nil, areCopied: true)
        copy.take(.hint(Self.page(Self.line, 4...5, posts: [.change(.joined("bob"))])))
        #expect(copy.log.entries(after: copy.log.last - 2).map { $0.audience == nil } == [false, true])
        #expect(copy.members.names == ["bob"])
    }
}
