import Testing

@testable import CarafeHTTP1

@Suite struct RequestFailureTests {
    @Test func reasonNeverHoldsUnprintableOrMarkupBytes() {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :,".utf8)
        for byte in UInt8.min...UInt8.max {
            let failure = RequestFailure.badRequest("method", expected: "a token", found: byte)
            #expect(failure.reason.utf8.allSatisfy(allowed.contains))
        }
    }

    @Test func reasonSaysWhatWasExpectedAndFound() {
        let failure = RequestFailure.badRequest("method", expected: "a token", found: 0x0B)
        #expect(failure.reason == "method: expected a token, found the byte 0x0B")
        #expect(failure.description == "400: method: expected a token, found the byte 0x0B")
    }
}
