import FoundationEssentials
import HTTPTypes
import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct FormDecoderTests {
    private struct Order: Decodable, Equatable {
        enum Size: String, Decodable {
            case small, large
        }

        var name: String
        var count: Int
        var price: Double
        var size: Size
        var id: UUID
        var gift: Bool
        var tags: [String]
        var numbers: [Int8]
        var note: String?
        var age: Int?
        var other: Size?
    }

    private let fields =
        "name=J%C3%B6rg+B&count=-3&price=1.5&size=large&id=E621E1F8-C36C-495A-93FC-0C247A3E6E5F"

    private func decode(_ text: String) throws -> Order { try Form(text).decode() }

    @Test("reads each kind of field") func readsEachKind() throws {
        let order = try decode(fields + "&gift=on&tags=a&numbers=1&tags=b&numbers=2&note=&age=&other=small")
        #expect(
            order
                == Order(
                    name: "Jörg B", count: -3, price: 1.5, size: .large,
                    id: UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F") ?? UUID(), gift: true,
                    tags: ["a", "b"], numbers: [1, 2], note: "", age: nil, other: .small))
    }

    @Test("a missing field is false, nil or empty") func missingFieldFalseNil() throws {
        let order = try decode(fields)
        #expect(!order.gift && order.tags.isEmpty && order.numbers.isEmpty)
        #expect(order.note == nil && order.age == nil && order.other == nil)
    }

    @Test(
        "a box is read from its text",
        arguments: [
            ("on", true), ("true", true), ("1", true), ("yes", true), ("off", false), ("false", false), ("0", false),
            ("", false),
        ])
    func boxes(text: String, isTicked: Bool) throws {
        #expect(try decode(fields + "&gift=\(text)").gift == isTicked)
    }

    @Test(
        "an error names the field",
        arguments: [
            ("count=1", "Invalid form: the field \"name\" is missing."),
            ("name=x", "Invalid form: the field \"count\" is missing."),
            ("name=x&count=", "Invalid form at count: expected a number."),
            ("name=x&count=1.5", "Invalid form at count: expected a number."),
            ("name=x&count=1&price=nan", "Invalid form at price: expected a number."),
            ("name=x&count=1&price=1&size=huge", "Invalid form at size: not a valid value."),
            ("name=x&count=1&price=1&size=large&id=5", "Invalid form at id: not a valid value."),
        ])
    func errorNames(text: String, message: String) {
        let error = #expect(throws: HTTPError.self) { try decode(text) }
        #expect(error?.status == .badRequest)
        #expect(error?.message == message)
    }

    @Test(
        "an error names the optional field",
        arguments: [
            ("gift=maybe", "gift: expected true or false"), ("numbers=1&numbers=300", "numbers: expected a number"),
            ("age=old", "age: expected a number"),
        ])
    func errorNamesTheOptional(text: String, message: String) {
        let error = #expect(throws: HTTPError.self) { try decode(fields + "&" + text) }
        #expect(error?.message == "Invalid form at \(message).")
    }

    @Test("nested types are not fields") func nestedTypes() {
        struct Outer: Decodable {
            struct Inner: Decodable {
                var x: Int
            }

            var inner: Inner
        }
        let error = #expect(throws: HTTPError.self) { try Form("inner=1").decode(Outer.self) }
        #expect(error?.message == "Invalid form at inner: expected a text.")
        #expect(throws: HTTPError.self) { try Form("a=1").decode([String].self) }
    }

    @Test("the error of an enumeration lists its cases") func enumerationThatKnows() {
        enum Colour: String, Decodable, CaseIterable {
            case red, green
        }
        struct Shirt: Decodable {
            var colour: Colour
        }
        let error = #expect(throws: HTTPError.self) { try Form("colour=blue").decode(Shirt.self) }
        #expect(error?.message == "Invalid form at colour: expected one of red, green.")
    }

    @Test(
        "a list may be written with brackets",
        arguments: ["tags=a&tags=b", "tags[]=a&tags[]=b", "tags%5B%5D=a&tags%5B%5D=b"])
    func aList(text: String) throws {
        #expect(try decode(fields + "&" + text).tags == ["a", "b"])
    }

    @Test("an optional list is nil without a value") func optionalList() throws {
        struct Filter: Decodable {
            var tags: [String]?
        }
        #expect(try Form("").decode(Filter.self).tags == nil)
        #expect(try Form("tags=").decode(Filter.self).tags == [""])
        #expect(try Form("tags[]=a").decode(Filter.self).tags == ["a"])
    }

    @Test("a date is read as in JSON")
    func dates() throws {
        struct Event: Decodable {
            var at: Date
            var end: Date?
        }
        let event: Event = try Form("at=2026-11-28T15:04:05Z&end=").decode()
        #expect(event.at.timeIntervalSince1970 == 1_795_878_245 && event.end == nil)
        let error = #expect(throws: (any Error).self) { let _: Event = try Form("at=5").decode() }
        #expect(error.map { "\($0)" }?.contains("expected a date such as") == true)
    }
}
