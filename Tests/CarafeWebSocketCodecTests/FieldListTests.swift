import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct FieldListTests {
    @Test("RFC 9110 §5.6.1: elements between commas, empty ones skipped")
    func elements() {
        #expect(Array(FieldList(" a ,b,, \t c,")) == ["a", "b", "c"])
        #expect(Array(FieldList("")).isEmpty)
        #expect(Array(FieldList(nil)).isEmpty)
    }

    @Test("RFC 6455 §4.2.1: a token is found in whatever case, and only whole")
    func tokens() {
        #expect(FieldList("keep-alive, UpGrade").contains(token: "upgrade"))
        #expect(!FieldList("keep-alive, upgraded").contains(token: "upgrade"))
        #expect(!FieldList(nil).contains(token: "upgrade"))
    }
}
