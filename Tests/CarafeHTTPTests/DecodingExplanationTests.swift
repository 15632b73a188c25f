import CarafeHTTP
import FoundationEssentials
import Testing

private struct Order: Decodable {
    struct Line: Decodable {
        var name: String
        var count: Int
        var isGift: Bool?
    }

    var lines: [Line]
    var date: Date?
}

@Suite(.timeLimit(.minutes(10))) struct DecodingExplanationTests {
    @Test(
        "names the field and the problem",
        arguments: [
            (#"{"#, "Invalid JSON: expected JSON."),
            (#""#, "Invalid JSON: expected JSON."),
            (#"[]"#, "Invalid JSON: expected an object."),
            (#"{}"#, "Invalid JSON: the field \"lines\" is missing."),
            (#"{"lines": null}"#, "Invalid JSON at lines: expected a list, found null."),
            (#"{"lines": 5}"#, "Invalid JSON at lines: expected a list."),
            (
                #"{"lines": [{"name": "a", "count": 1}, {"name": "b"}]}"#,
                "Invalid JSON at lines.1: the field \"count\" is missing."
            ),
            (#"{"lines": [{"name": "a", "count": "x"}]}"#, "Invalid JSON at lines.0.count: expected a number."),
            (#"{"lines": [{"name": 1, "count": 1}]}"#, "Invalid JSON at lines.0.name: expected a text."),
            (
                #"{"lines": [{"name": "a", "count": 1, "isGift": "yes"}]}"#,
                "Invalid JSON at lines.0.isGift: expected true or false."
            ),
        ])
    func namesTheField(json: String, explanation: String) {
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Order.self, from: Data(json.utf8))
        }
        #expect(error?.explanation == explanation)
    }
}
