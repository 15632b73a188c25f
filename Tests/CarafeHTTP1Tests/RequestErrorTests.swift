import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct RequestErrorTests {
    @Test("a reason never contains unprintable bytes or markup") func reasonNeverHoldsUnprintable() {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :,".utf8)
        for byte in UInt8.min...UInt8.max {
            let failure = RequestError.badRequest("method", expected: "a token", found: byte)
            #expect(failure.reason.utf8.allSatisfy(allowed.contains))
        }
    }

    @Test("a reason states the expected and the found") func reasonSays() {
        let failure = RequestError.badRequest("method", expected: "a token", found: 0x0B)
        #expect(failure.reason == "method: expected a token, found the byte 0x0B")
        #expect(failure.description == "400: method: expected a token, found the byte 0x0B")
    }
}
