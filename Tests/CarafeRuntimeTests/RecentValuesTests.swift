import Testing

@testable import CarafeRuntime

@Suite(.timeLimit(.minutes(10))) struct RecentValuesTests {
    @Test("keeps the values that are used and drops the others") func keepsValuesUsedDrops() {
        var values = RecentValues<Int, String>(limit: 10)
        values[-1] = "in use"
        for number in 0..<100 {
            values[number] = "\(number)"
            #expect(values[-1] == "in use")
            #expect(values.count <= 10)
        }
        #expect(values[0] == nil && values[99] == "99")
    }

    @Test("sets and removes in both generations") func setsAndRemoves() {
        var values = RecentValues<Int, Int>(limit: 4)
        for number in 0..<4 { values[number] = number }
        values[0] = 10
        #expect(values[0] == 10 && values.count <= 4)
        values[0] = nil
        values[3] = nil
        #expect(values[0] == nil && values[3] == nil)
    }

    @Test("the weight of all values is bounded") func weighs() {
        var values = RecentValues<Int, Int>(limit: 100) { $0 }
        for number in 0..<100 { values[number] = 10 }
        #expect(values.count <= 10 && values[99] == 10)
        values[99] = 51
        #expect(values[99] == nil, "more than a value may weigh")
        for number in 200..<205 { values[number] = 10 }
        values[200] = 20
        #expect((200..<205).allSatisfy { values[$0] != nil })
    }

    @Test("keeps nothing without a limit") func keepsNothingWithout() {
        var values = RecentValues<Int, Int>(limit: 0)
        values[1] = 1
        #expect(values[1] == nil)
    }
}
