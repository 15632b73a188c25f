import HTTPTypes
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeHTTP

@Suite struct PreconditionsTests {
    private let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    private let after = "Sun, 06 Nov 1994 08:49:38 GMT"

    private func outcome(
        _ fields: HTTPFields, method: HTTPRequest.Method = .get, tag: String? = "\"a\"", modified: Int? = 784_111_777
    ) throws -> PreconditionOutcome {
        try request(fields, method).preconditions(on: Validators(entityTag: tag, modified: modified))
    }

    private func request(_ fields: HTTPFields, _ method: HTTPRequest.Method = .get) throws -> Request {
        let connection = Connection(
            executor: EventLoopExecutor(eventLoop: EmbeddedEventLoop()), peerAddress: nil, logger: Logger(label: "test")
        )
        return Request(
            method: method, target: try #require(Target("/")), headers: Headers(fields), connection: connection)
    }

    @Test func withoutConditionsItGoesOn() throws {
        #expect(try outcome([.accept: "*/*", .userAgent: "x"]) == .proceed)
    }

    @Test(
        "RFC 9110 §13.1.1: If-Match compares strongly",
        arguments: [
            ("\"a\"", "\"a\"", PreconditionOutcome.proceed), ("*", "\"a\"", .proceed),
            ("\"b\", \"a\"", "\"a\"", .proceed),
            ("\"b\"", "\"a\"", .failed), ("W/\"a\"", "W/\"a\"", .failed), ("\"a\"", "W/\"a\"", .failed),
            ("", "\"a\"", .failed),
            ("\"b,a\"", "\"a\"", .failed), ("\"b,a\"", "\"b,a\"", .proceed),
        ])
    func ifMatch(field: String, tag: String, outcome expected: PreconditionOutcome) throws {
        #expect(try outcome([.ifMatch: field], tag: tag) == expected)
        #expect(try outcome([.ifMatch: field], method: .put, tag: tag) == expected)
    }

    @Test(
        "RFC 9110 §13.1.2: If-None-Match compares weakly; 412 for what changes something",
        arguments: [
            ("\"a\"", "\"a\"", true), ("W/\"a\"", "\"a\"", true), ("\"a\"", "W/\"a\"", true), ("*", "\"a\"", true),
            ("\"b\" ,\"a\"", "\"a\"", true), ("\"b\"", "\"a\"", false), ("", "\"a\"", false),
        ])
    func ifNoneMatch(field: String, tag: String, matches: Bool) throws {
        #expect(try outcome([.ifNoneMatch: field], tag: tag) == (matches ? .notModified : .proceed))
        #expect(try outcome([.ifNoneMatch: field], method: .head, tag: tag) == (matches ? .notModified : .proceed))
        #expect(try outcome([.ifNoneMatch: field], method: .put, tag: tag) == (matches ? .failed : .proceed))
    }

    @Test("RFC 9110 §13.1.3, §13.1.4: dates") func dates() throws {
        #expect(try outcome([.ifModifiedSince: date]) == .notModified)
        #expect(try outcome([.ifModifiedSince: after]) == .notModified)
        #expect(try outcome([.ifModifiedSince: before]) == .proceed)
        #expect(try outcome([.ifModifiedSince: date], method: .post) == .proceed)
        #expect(try outcome([.ifModifiedSince: "yesterday"]) == .proceed)
        #expect(try outcome([.ifUnmodifiedSince: date]) == .proceed)
        #expect(try outcome([.ifUnmodifiedSince: before]) == .failed)
        #expect(try outcome([.ifUnmodifiedSince: "yesterday"]) == .proceed)
        #expect(try outcome([.ifUnmodifiedSince: before, .ifModifiedSince: before], modified: nil) == .proceed)
    }

    @Test("RFC 9110 §13.2.2: tags go before dates, and what must be before what must not") func precedence() throws {
        #expect(try outcome([.ifMatch: "\"a\"", .ifUnmodifiedSince: before]) == .proceed)
        #expect(try outcome([.ifNoneMatch: "\"b\"", .ifModifiedSince: date]) == .proceed)
        #expect(try outcome([.ifMatch: "\"b\"", .ifNoneMatch: "\"a\""]) == .failed)
        #expect(try outcome([.ifMatch: "\"a\"", .ifNoneMatch: "\"a\""]) == .notModified)
        #expect(try outcome([.ifUnmodifiedSince: date, .ifModifiedSince: date]) == .notModified)
    }

    @Test func withoutATagOnlyTheStarMatches() throws {
        #expect(try outcome([.ifNoneMatch: "\"a\""], tag: nil) == .proceed)
        #expect(try outcome([.ifNoneMatch: "*"], tag: nil) == .notModified)
        #expect(try outcome([.ifMatch: "\"a\""], tag: nil) == .failed)
    }

    @Test("RFC 9110 §13.1.5: If-Range compares strongly, and dates exactly") func ifRange() throws {
        let known = Validators(entityTag: "\"a\"", modified: 784_111_777)
        for (field, fits) in [
            ("\"a\"", true), ("\"b\"", false), ("W/\"a\"", false), (date, true), (before, false), (after, false),
            ("x", false),
        ] {
            #expect(try request([.ifRange: field]).rangeFits(known) == fits, "\(field)")
        }
        #expect(try request([:]).rangeFits(known))
        #expect(try !request([.ifRange: "W/\"a\""]).rangeFits(Validators(entityTag: "W/\"a\"")))
        #expect(try !request([.ifRange: "\"ä\""]).rangeFits(known), "what is not ASCII is no condition that holds")
    }
}
