import Testing

@testable import CarafeRoomsSQLite

@Suite("The index of the log", .timeLimit(.minutes(10)))
struct LogIndexTests {
    private static func bytes(
        frames: UInt32, copied: UInt32 = 0, run: UInt32 = 5, isInitialized: UInt8 = 1, version: UInt32 = 3_007_000,
        second: UInt8? = nil
    ) -> [UInt8] {
        var header = [UInt8](repeating: 7, count: 48)
        header[12] = isInitialized
        header.replaceSubrange(0..<4, with: native(version))
        header.replaceSubrange(16..<20, with: native(frames))
        header.replaceSubrange(32..<36, with: native(run.bigEndian))
        var other = header
        if let second { other[40] = second }
        return header + other + native(copied) + [UInt8](repeating: 0, count: 36)
    }

    private static func native(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }

    @Test("a header has the number of frames, of copied ones, and the run")
    func header() {
        let index = LogIndex(Self.bytes(frames: 258, copied: 70_000, run: 0xFFFF_FFFE))
        #expect(index?.frameCount == 258 && index?.copiedCount == 70_000 && index?.run == 0xFFFF_FFFE)
    }

    @Test("a header that is short, of another version, never written, or being written is not one")
    func invalid() {
        #expect(LogIndex([]) == nil)
        #expect(LogIndex(Array(Self.bytes(frames: 1).prefix(99))) == nil)
        #expect(LogIndex(Self.bytes(frames: 1, isInitialized: 0)) == nil)
        #expect(LogIndex(Self.bytes(frames: 1, second: 9)) == nil)
        #expect(LogIndex(Self.bytes(frames: 1, version: 3_008_000)) == nil)
    }

    private struct Case {
        let before: (frames: UInt32, copied: UInt32)
        /// The index after the opening; nil for none.
        let after: (frames: UInt32, run: UInt32)?
        let isLoss: Bool
    }

    @Test("frames are lost if they were not copied, and the log is shorter or was not begun again by the rules")
    func loss() throws {
        let cases = [
            Case(before: (9, 0), after: (9, 5), isLoss: false),
            Case(before: (9, 0), after: (12, 5), isLoss: false),
            Case(before: (9, 0), after: (8, 5), isLoss: true),
            Case(before: (9, 0), after: (0, 5), isLoss: true),
            Case(before: (9, 4), after: (8, 5), isLoss: true),
            Case(before: (9, 9), after: (0, 5), isLoss: false),
            Case(before: (0, 0), after: nil, isLoss: false),
            Case(before: (9, 9), after: nil, isLoss: false),
            Case(before: (9, 0), after: nil, isLoss: true),
            Case(before: (9, 0), after: (2, 6), isLoss: false),
            Case(before: (9, 0), after: (20, 4), isLoss: true),
            Case(before: (9, 0), after: (20, 0x9999_9999), isLoss: true),
        ]
        for each in cases {
            let before = try #require(LogIndex(Self.bytes(frames: each.before.frames, copied: each.before.copied)))
            let after = each.after.flatMap { LogIndex(Self.bytes(frames: $0.frames, run: $0.run)) }
            #expect(before.hasLost(after) == each.isLoss, "\(each)")
        }
    }
}
