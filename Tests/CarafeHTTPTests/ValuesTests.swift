import CarafeHTTP
import Testing

@Suite(.timeLimit(.minutes(10))) struct ValuesTests {
    @Test("keeps one value for each type") func keepsOneValue() {
        var values = Values()
        #expect(values[Int.self] == nil)
        values[Int.self] = 1
        values[String.self] = "a"
        values[Int.self] = 2
        #expect(values[Int.self] == 2)
        #expect(values[String.self] == "a")
        values[Int.self] = nil
        #expect(values[Int.self] == nil)
    }
}
