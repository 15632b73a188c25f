import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct WeightedListTests {
    @Test(
        "RFC 9110 §12.4.2",
        arguments: [
            ("a", 1000), ("a;q=1", 1000), ("a;q=1.000", 1000), ("a;q=0", 0), ("a;q=0.5", 500), ("a;q=0.05", 50),
            ("a;q=0.001", 1), ("a;q=0.", 0), ("a;Q=0.3", 300), ("a ; q=0.3", 300), ("a;q=0.33333", 333), ("a;q=1.1", 0),
            ("a;q=2", 0), ("a;q=-1", 0), ("a;q=", 0), ("a;q=x", 0), ("a;q=0,5", 0), ("a;q=1e0", 0), ("a;q=.5", 0),
        ])
    func weights(text: String, quality: Int) {
        #expect(WeightedList(text).elements.first?.quality == quality)
    }

    @Test("keeps order and parameters before the weight") func keepsOrderAndParameters() {
        let elements = WeightedList("text/html;level=1;q=0.5;x=2, */*").elements
        #expect(elements.map(\.value) == ["text/html", "*/*"])
        #expect(elements[0].parameters.map(\.name) == ["level"])
    }

    @Test("reads no more than its limit") func readsNoMore() {
        let many = (0..<1000).map { "a\($0)" }.joined(separator: ",")
        #expect(WeightedList(many).elements.count == WeightedList.limit)
    }
}
