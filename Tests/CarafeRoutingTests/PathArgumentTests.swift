import CarafeRouting
import Testing

private enum Colour: String, PathArgument, CaseIterable {
    case red
    case nightBlue = "night blue"

    static let converters = ["colour"]
}

@Suite(.timeLimit(.minutes(10))) struct PathArgumentTests {
    @Test(
        "reads an integer", arguments: [("0", 0), ("7", 7), ("-12", -12), ("007", 7), ("9223372036854775807", Int.max)])
    func readsAnInteger(text: String, number: Int) {
        #expect(Int(pathSegment: text) == number)
    }

    @Test(
        "refuses a text that is not an integer",
        arguments: ["", "-", "+1", "1.0", "1e3", " 1", "1 ", "--1", "0x1", "٣", "9223372036854775808", "a"])
    func refusesTextNotInteger(text: String) {
        #expect(Int(pathSegment: text) == nil)
    }

    @Test("reads a float", arguments: [("0", 0), ("1.5", 1.5), ("-0.25", -0.25), ("10", 10)])
    func readsAFloat(text: String, number: Double) {
        #expect(Double(pathSegment: text) == number)
    }

    @Test(
        "refuses a text that is not a float",
        arguments: ["", "-", ".", ".5", "1.", "1.-5", "1.2.3", "1e3", "+1.0", "inf", "nan", "0x1p3", "1,5"])
    func refusesTextNotFloat(text: String) {
        #expect(Double(pathSegment: text) == nil)
    }

    @Test("refuses a float that is too large") func refusesAFloat() {
        #expect(Double(pathSegment: String(repeating: "9", count: 400)) == nil)
    }

    @Test(
        "writes a float as it reads it",
        arguments: [
            0, 1.5, -0.25, 1e20, -1.25e300, 1e-7, .leastNonzeroMagnitude, 123_456.789, .greatestFiniteMagnitude,
        ])
    func writesAFloat(number: Double) {
        #expect(Double(pathSegment: number.pathSegment) == number)
    }

    @Test("writes large and small floats without an exponent") func writesLargeAndSmall() {
        #expect(1e20.pathSegment == "100000000000000000000")
        #expect((-1.5e-7).pathSegment == "-0.00000015")
        #expect(2.5.pathSegment == "2.5")
    }

    @Test("writes an integer as it reads it", arguments: [Int.min, -1, 0, Int.max])
    func writesAnInteger(number: Int) {
        #expect(Int(pathSegment: number.pathSegment) == number)
    }

    @Test("takes every text as a string") func takesEveryText() {
        #expect(String(pathSegment: "群 聊/1") == "群 聊/1")
        #expect("a/b".pathSegment == "a/b")
    }

    @Test("makes an enum a converter by its raw values") func makesAnEnum() {
        #expect(Colour(pathSegment: "night blue") == .nightBlue)
        #expect(Colour(pathSegment: "green") == nil)
        #expect(Colour.nightBlue.pathSegment == "night blue")
    }

    @Test("only path may hold slashes") func onlyPathMayHold() {
        #expect(String.converters == ["string", "path"])
        #expect(Int.converters == ["int"])
        #expect(Double.converters == ["float"])
    }
}
