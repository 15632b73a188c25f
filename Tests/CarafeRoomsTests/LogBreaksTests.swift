import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct LogBreaksTests {
    /// Breaks at 5 (to 5), 10 (to 14) and 15 (to 15).
    private var breaks: LogBreaks {
        var breaks = LogBreaks()
        breaks.add(at: 5, through: 5, first: 1)
        breaks.add(at: 10, through: 14, first: 1)
        breaks.add(at: 15, through: 15, first: 1)
        return breaks
    }

    @Test(
        "a reader reads up to the next break",
        arguments: [(0, 4), (4, 4), (5, 9), (9, 9), (10, 14), (14, 14), (15, .max)] as [(UInt64, UInt64)])
    func readable(offset: UInt64, last: UInt64) {
        #expect(breaks.readable(after: offset) == last)
        #expect(LogBreaks().readable(after: offset) == .max)
    }

    @Test(
        "a reader crosses the breaks on its way, and those that follow directly",
        arguments: [
            (3, 3, 3), (4, 4, 5), (5, 5, 5), (3, 6, 6), (8, 8, 8),
            // From one break to the next: 10 leads to 14, after which is 15.
            (9, 9, 15), (9, 12, 15), (3, 9, 15), (10, 13, 13), (14, 14, 15), (15, 15, 15), (9, 20, 20),
        ] as [(UInt64, UInt64, UInt64)])
    func cross(start: UInt64, end: UInt64, expected: UInt64) {
        #expect(breaks.cross(from: start, to: end) == expected)
    }

    @Test("a break takes the place of one at the same entry")
    func replaces() {
        var breaks = LogBreaks()
        breaks.add(at: 5, through: 5, first: 1)
        breaks.add(at: 5, through: 8, first: 1)
        #expect(breaks.cross(from: 4, to: 4) == 8)
    }

    @Test("breaks before the oldest entry are dropped, unless they lead past it")
    func drops() {
        var breaks = breaks
        breaks.add(at: 30, through: 30, first: 12)
        #expect(breaks.readable(after: 0) == 9)
        breaks.add(at: 31, through: 31, first: 16)
        #expect(breaks.readable(after: 0) == 29)
    }
}
