import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomCopyTests {
    private let hint = EnginePage(end: RoomPosition(offset: 1, epoch: "e"), entries: [])

    /// The events of a copy.
    private enum Event {
        case needRead, needOpen, begin, end, fail, hint
    }

    private func play(_ events: [Event]) -> RoomCopy {
        var copy = RoomCopy()
        for event in events {
            switch event {
            case .needRead: copy.need(.read)
            case .needOpen: copy.need(.open)
            case .begin: _ = copy.beginStep()
            case .end: _ = copy.endStep()
            case .fail: copy.failStep()
            case .hint: _ = copy.hear(hint)
            }
        }
        return copy
    }

    @Test(
        "a copy takes one step at a time, and another for whatever was needed during it",
        arguments: [
            ([], .following),
            // Without a copy every step reads the whole log.
            ([.needRead], .behind(.open)), ([.needRead, .begin], .reading(.open)),
            ([.needRead, .begin, .end], .following),
            ([.needRead, .begin, .end, .needRead], .behind(.read)),
            ([.needRead, .begin, .end, .needRead, .needOpen], .behind(.open)),
            ([.needRead, .begin, .end, .needOpen, .needRead], .behind(.open)),
            ([.needRead, .begin, .end, .needRead, .begin, .needRead], .reading(.read)),
            ([.needRead, .begin, .end, .needRead, .begin, .needRead, .end], .behind(.read)),
            ([.needRead, .begin, .end, .needRead, .begin, .needOpen, .needRead, .end], .behind(.open)),
            ([.needRead, .begin, .begin], .reading(.open)),
            // A step that fails is needed again, and one that was asked for meanwhile.
            ([.needRead, .begin, .fail], .behind(.open)),
            ([.needRead, .begin, .end, .needRead, .begin, .fail], .behind(.read)),
            ([.needRead, .begin, .end, .needRead, .begin, .needOpen, .fail], .behind(.open)),
        ] as [([Event], RoomCopy.Phase)])
    private func phases(events: [Event], phase: RoomCopy.Phase) {
        #expect(play(events).phase == phase)
    }

    @Test("a hint is used at once, kept during a step, and of no use before the first one has ended")
    func hints() {
        var copy = RoomCopy()
        var isUsed = copy.hear(hint)
        #expect(!isUsed)
        copy = play([.needRead, .begin, .hint, .hint])
        let kept = copy.endStep()
        #expect(kept.count == 2 && copy.phase == .following)
        isUsed = copy.hear(hint)
        #expect(isUsed)
        copy = play([.needRead, .begin, .hint, .fail, .begin])
        let none = copy.endStep()
        #expect(none.isEmpty, "a failed step forgets them: the next one reads later")
    }

    @Test("too many hints during a step are read by another")
    func manyHints() {
        var copy = play([.needRead, .begin, .end, .needRead, .begin])
        for _ in 0...RoomCopy.hintLimit { _ = copy.hear(hint) }
        let kept = copy.endStep()
        #expect(kept.count == RoomCopy.hintLimit && copy.phase == .behind(.read))
    }

    @Test("steps are numbered, so that a task waits for one that began after it came")
    func numbers() {
        var copy = play([.needRead, .begin])
        #expect(copy.begun == 1 && !copy.hasEnded(1))
        copy.need(.read)
        _ = copy.endStep()
        #expect(copy.hasEnded(1) && !copy.hasEnded(2) && copy.succeeded == 1)
        _ = copy.beginStep()
        copy.failStep()
        #expect(copy.hasEnded(2) && copy.failed == 2 && copy.succeeded == 1)
        _ = copy.beginStep()
        copy.extendStep(by: .open)
        #expect(!copy.hasEnded(3) && copy.phase == .behind(.open), "a step that leads to another has not ended")
    }

    @Test("a copy is forgotten unless a step is being taken, and then begins again")
    func forget() {
        var copy = play([.needRead, .begin])
        var isForgotten = copy.forget()
        #expect(!isForgotten)
        copy = play([.needRead, .begin, .end])
        isForgotten = copy.forget()
        #expect(isForgotten && !copy.isOpen && copy.phase == .following)
        copy.need(.read)
        #expect(copy.phase == .behind(.open))
    }
}
