import CarafeRuntime
import HTTPTypes
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct PreconditionsTests {
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
            executor: EventLoopExecutor(eventLoop: EmbeddedEventLoop(), turnTime: TurnTime(limit: nil)),
            peerAddress: nil, logger: Logger(label: "test")
        )
        return Request(
            method: method, target: try #require(Target("/")), headers: Headers(fields), connection: connection)
    }

    @Test("without conditions the outcome is to proceed") func withoutConditionsItGoes() throws {
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

    @Test("RFC 9110 §8.8.3, §13.1: a field that names no tag is there and matches nothing")
    func invalidTags() throws {
        for field in [
            "\"café\"", "\"caf\u{FFFD}\"", "a", "\"a", "a\"", "w/\"a\"", "\"a\" x", "\"a\"\u{301}", "\"a b\"", ",",
        ] {
            #expect(try outcome([.ifMatch: field], method: .put) == .failed, "\(field)")
            #expect(try outcome([.ifMatch: field, .ifUnmodifiedSince: date], method: .patch) == .failed, "\(field)")
            #expect(try outcome([.ifNoneMatch: field, .ifModifiedSince: date]) == .proceed, "\(field)")
        }
        #expect(try outcome([.ifMatch: "\"café\", \"a\""]) == .proceed, "obs-text is a part of a tag")
        #expect(try outcome([.ifMatch: "\"café\""], tag: "\"café\"") == .proceed)
        #expect(try outcome([.ifMatch: "\"cafe\u{301}\""], tag: "\"café\"") == .failed)
        #expect(try outcome([.ifMatch: #""a\", "b""#], tag: #""a\""#) == .proceed, "a backslash escapes nothing")
        #expect(try outcome([.ifMatch: #""a\", "b""#], tag: "\"b\"") == .proceed)
    }

    @Test("RFC 9110 §5.6.7, §13.1.4: each form of a date counts, and other texts are ignored")
    func dateForms() throws {
        for field in ["Sunday, 06-Nov-94 08:49:36 GMT", "Sun Nov  6 08:49:36 1994", "Sun, 06 Nov 1960 08:49:36 GMT"] {
            #expect(try outcome([.ifUnmodifiedSince: field], method: .put) == .failed, "\(field)")
            #expect(try outcome([.ifModifiedSince: field]) == .proceed, "\(field)")
        }
        #expect(try outcome([.ifUnmodifiedSince: "Sun, 30 Feb 1992 08:49:36 GMT"], method: .put) == .proceed)
        #expect(try outcome([.ifModifiedSince: "Sun, 30 Feb 2025 08:49:36 GMT"]) == .proceed)
        #expect(try outcome([.ifModifiedSince: date], modified: -1) == .notModified)
    }

    @Test("RFC 9110 §13.1.1, §13.1.2: nothing matches a resource that does not exist yet") func nothingThere() throws {
        func outcome(_ fields: HTTPFields, _ method: HTTPRequest.Method) throws -> PreconditionOutcome {
            try request(fields, method).preconditions(on: nil)
        }
        #expect(try outcome([.ifMatch: "*"], .put) == .failed)
        #expect(try outcome([.ifNoneMatch: "*"], .put) == .proceed)
        #expect(try outcome([.ifUnmodifiedSince: before], .put) == .proceed)
    }

    @Test("RFC 9110 §13.2.1: OPTIONS and TRACE select nothing", arguments: [HTTPRequest.Method.options, .trace])
    func ignored(method: HTTPRequest.Method) throws {
        #expect(try outcome([.ifMatch: "\"b\"", .ifNoneMatch: "\"a\""], method: method) == .proceed)
    }

    @Test("RFC 9110 §13.2.2: tags go before dates, and what must be before what must not") func precedence() throws {
        #expect(try outcome([.ifMatch: "\"a\"", .ifUnmodifiedSince: before]) == .proceed)
        #expect(try outcome([.ifNoneMatch: "\"b\"", .ifModifiedSince: date]) == .proceed)
        #expect(try outcome([.ifMatch: "\"b\"", .ifNoneMatch: "\"a\""]) == .failed)
        #expect(try outcome([.ifMatch: "\"a\"", .ifNoneMatch: "\"a\""]) == .notModified)
        #expect(try outcome([.ifUnmodifiedSince: date, .ifModifiedSince: date]) == .notModified)
    }

    @Test("without a tag only `*` matches") func withoutATagOnly() throws {
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
        let now = FileStatus.now
        #expect(
            try !request([.ifRange: HTTPDate.format(now)]).rangeFits(Validators(modified: now)),
            "RFC 9110 §8.8.2.2: the date of a second that is not over is weak")
        #expect(try !request([.ifRange: "W/\"a\""]).rangeFits(Validators(entityTag: "W/\"a\"")))
        #expect(try !request([.ifRange: "\"ä\""]).rangeFits(known), "a condition outside ASCII does not hold")
    }
}
