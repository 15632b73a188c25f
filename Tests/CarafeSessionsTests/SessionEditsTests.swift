import Testing

@testable import CarafeSessions

@Suite("SessionEdits", .timeLimit(.minutes(10)))
struct SessionEditsTests {
    @Test("values are set and removed, the others stay")
    func values() {
        var data = SessionData(at: 0)
        data.values = ["a": "1", "b": "2", "c": "3"]
        SessionEdits(values: ["a": "9", "b": nil]).apply(to: &data)
        #expect(data.values == ["a": "9", "c": "3"])
    }

    @Test("messages that were taken go, those that came meanwhile stay")
    func flashes() {
        var data = SessionData(at: 0)
        data.flashes = [Flash("a"), Flash("a"), Flash("b")]
        SessionEdits(takenFlashes: [Flash("a"), Flash("gone")], newFlashes: [Flash("c")]).apply(to: &data)
        #expect(data.flashes == [Flash("a"), Flash("b"), Flash("c")])
    }

    @Test("of two edits of a value the later one counts")
    func followed() {
        let first = SessionEdits(values: ["a": "1", "b": "1"], newFlashes: [Flash("x")])
        let both = first.followed(by: SessionEdits(values: ["b": nil], newFlashes: [Flash("y")]))
        #expect(both == SessionEdits(values: ["a": "1", "b": nil], newFlashes: [Flash("x"), Flash("y")]))
    }
}
