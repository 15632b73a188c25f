import CarafeWebSocketCodec
import NIOCore
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct CopyStepsTests {
    private let hint = EnginePage(end: RoomPosition(offset: 1, epoch: "e"), entries: [])

    /// The events of a copy's steps.
    private enum Event {
        case needRead, needOpen, begin, end, fail, hint
    }

    private func play(_ events: [Event]) -> CopySteps {
        var steps = CopySteps()
        for event in events {
            switch event {
            case .needRead: steps.need(.read)
            case .needOpen: steps.need(.open)
            case .begin: _ = steps.begin()
            case .end: _ = steps.end()
            case .fail: steps.fail()
            case .hint: _ = steps.hear(hint)
            }
        }
        return steps
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
            // After the first step a copy is there, and if it fails there is none.
            ([.needRead, .begin, .needRead, .end], .behind(.read)),
            ([.needRead, .begin, .needRead, .fail], .behind(.open)),
            // A step that fails is needed again, and one that was asked for meanwhile.
            ([.needRead, .begin, .fail], .behind(.open)),
            ([.needRead, .begin, .end, .needRead, .begin, .fail], .behind(.read)),
            ([.needRead, .begin, .end, .needRead, .begin, .needOpen, .fail], .behind(.open)),
        ] as [([Event], CopySteps.Phase)])
    private func phases(events: [Event], phase: CopySteps.Phase) {
        #expect(play(events).phase == phase)
    }

    @Test("a hint is used at once, kept during a step, and of no use before the first one has ended")
    func hints() {
        var steps = CopySteps()
        var isUsed = steps.hear(hint)
        #expect(!isUsed)
        steps = play([.needRead, .begin, .hint, .hint])
        let kept = steps.end()
        #expect(kept.count == 2 && steps.phase == .following)
        isUsed = steps.hear(hint)
        #expect(isUsed)
        steps = play([.needRead, .begin, .hint, .fail, .begin])
        let none = steps.end()
        #expect(none.isEmpty, "a failed step forgets them: the next one reads later")
    }

    @Test("too many hints during a step are read by another")
    func manyHints() {
        var steps = play([.needRead, .begin, .end, .needRead, .begin])
        for _ in 0...CopySteps.hintLimit { _ = steps.hear(hint) }
        let kept = steps.end()
        #expect(kept.count == CopySteps.hintLimit && steps.phase == .behind(.read))
    }

    @Test("hints of many bytes during a step are read by another")
    func largeHints() {
        var steps = play([.needRead, .begin, .end, .needRead, .begin])
        let post = RoomPost(.binary(ByteBuffer(repeating: 1, count: CopySteps.hintByteLimit / 2)))
        let entry = EngineEntry(offset: 1, time: 0, post: post)
        for _ in 0...2 { _ = steps.hear(EnginePage(end: hint.end, entries: [entry])) }
        let kept = steps.end()
        #expect(kept.count == 2 && steps.phase == .behind(.read))
        _ = steps.begin()
        _ = steps.hear(hint)
        let next = steps.end()
        #expect(next.count == 1 && steps.phase == .following)
    }

    @Test("steps are numbered, so that a task waits for one that began after it came")
    func numbers() {
        var steps = play([.needRead, .begin])
        #expect(steps.begun == 1 && !steps.hasEnded(1))
        steps.need(.read)
        _ = steps.end()
        #expect(steps.hasEnded(1) && !steps.hasEnded(2) && steps.succeeded == 1)
        _ = steps.begin()
        steps.fail()
        #expect(steps.hasEnded(2) && steps.failed == 2 && steps.succeeded == 1)
        _ = steps.begin()
        steps.extend(by: .open)
        #expect(!steps.hasEnded(3) && steps.phase == .behind(.open), "a step that leads to another has not ended")
    }

    @Test("a copy is forgotten unless a step is being taken, and then begins again")
    func forget() {
        var steps = play([.needRead, .begin])
        var isForgotten = steps.forget()
        #expect(!isForgotten)
        steps = play([.needRead, .begin, .end])
        isForgotten = steps.forget()
        #expect(isForgotten && !steps.isOpen && steps.phase == .following)
        steps.need(.read)
        #expect(steps.phase == .behind(.open))
        isForgotten = steps.forget()
        #expect(isForgotten && steps.hasEnded(2), "a task that waits for the step is told")
    }
}
