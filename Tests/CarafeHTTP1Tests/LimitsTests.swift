import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct LimitsTests {
    @Test("Limits of nothing refuse everything and trap on nothing", arguments: [0, -1, Int.min])
    func nothing(limit: Int) {
        let none = RequestReader.Limits(
            requestLineBytes: limit, fieldSectionBytes: limit, fieldCount: limit, chunkExtensionBytes: limit,
            trailerBytes: limit)
        #expect(refusal(get(), limits: none) == 414)
        var limits = none
        limits.requestLineBytes = 100
        #expect(refusal(get(), limits: limits) == 431)
        limits.fieldSectionBytes = 100
        #expect(refusal(get(), limits: limits) == 431)
        limits.fieldCount = 10
        #expect(refusal(chunked("1;a"), limits: limits) == 413)
        limits.chunkExtensionBytes = 10
        #expect(refusal(chunked("0\r\nA: b\r\n\r\n"), limits: limits) == 431)
    }
}
