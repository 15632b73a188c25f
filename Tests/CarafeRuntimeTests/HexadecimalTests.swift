import CarafeRuntime
import Testing

@Suite("Hexadecimal", .timeLimit(.minutes(10)))
struct HexadecimalTests {
    @Test("a number has all its digits")
    func digits() {
        #expect(UInt8(0).hexadecimal == "00")
        #expect(UInt8(0xAF).hexadecimal == "af")
        #expect(UInt32(0x12AB).hexadecimal == "000012ab")
        #expect(UInt64(1).hexadecimal == "0000000000000001")
        #expect(UInt64.max.hexadecimal == "ffffffffffffffff")
    }
}
