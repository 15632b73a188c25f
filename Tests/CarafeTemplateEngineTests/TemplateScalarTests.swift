import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateScalarTests {
    @Test("converts texts and truth values") func convertsTextsAndTruth() {
        #expect("a".templateValue == .string("a"))
        #expect(true.templateValue == .bool(true))
        #expect(TemplateValue.array([1]).templateValue == [1])
    }

    @Test("converts integers of all sizes") func convertsIntegersOfAll() {
        let integers: [any TemplateScalar] = [
            Int(7), Int8(7), Int16(7), Int32(7), Int64(7), UInt(7), UInt8(7), UInt16(7), UInt32(7), UInt64(7),
        ]
        for integer in integers { #expect(integer.templateValue == .int(7)) }
        #expect(Int64.min.templateValue == .int(.min))
    }

    @Test("refuses integers beyond Int") func refusesIntegers() {
        #expect(UInt64(Int.max).templateValue == .int(.max))
        #expect((UInt64(Int.max) + 1).templateValue == nil)
        #expect(UInt.max.templateValue == nil)
    }

    @Test("keeps the digits of a float") func keepsTheDigits() {
        #expect(Float(0.1).templateValue == .double(0.1))
        #expect(Float.greatestFiniteMagnitude.templateValue == .double(3.4028235e38))
        #expect(Float.infinity.templateValue == .double(.infinity))
        #expect(0.1.templateValue == .double(0.1))
    }
}
