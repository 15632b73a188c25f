import Testing

@testable import CarafeHTTP

@Suite struct RecentValuesTests {
    @Test func keepsWhatIsAskedForAndForgetsTheRest() {
        var values = RecentValues<Int, String>(limit: 10)
        values[-1] = "in use"
        for number in 0..<100 {
            values[number] = "\(number)"
            #expect(values[-1] == "in use")
            #expect(values.count <= 10)
        }
        #expect(values[0] == nil && values[99] == "99")
    }

    @Test func setsAndRemovesInBothGenerations() {
        var values = RecentValues<Int, Int>(limit: 4)
        for number in 0..<4 { values[number] = number }
        values[0] = 10
        #expect(values[0] == 10 && values.count <= 4)
        values[0] = nil
        values[3] = nil
        #expect(values[0] == nil && values[3] == nil)
    }
}
