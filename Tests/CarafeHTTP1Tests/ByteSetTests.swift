import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct ByteSetTests {
    private static let alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

    @Test("RFC 9110 §5.6.2: tchar")
    func token() {
        let expected = Set((Self.alphanumeric + "!#$%&'*+-.^_`|~").utf8)
        for byte in UInt8.min...UInt8.max { #expect(ByteSet.token.contains(byte) == expected.contains(byte)) }
    }

    @Test("RFC 9112 §3.2: a target is visible ASCII without a fragment")
    func target() {
        for byte in UInt8.min...UInt8.max {
            #expect(ByteSet.target.contains(byte) == (0x21...0x7E ~= byte && byte != UInt8(ascii: "#")))
        }
    }

    @Test("RFC 3986 §3.2.2: reg-name, without the comma")
    func registeredName() {
        let expected = Set((Self.alphanumeric + "-._~!$&'()*+;=").utf8)
        for byte in UInt8.min...UInt8.max { #expect(ByteSet.registeredName.contains(byte) == expected.contains(byte)) }
    }

    @Test("the value of a hexadecimal digit") func hexadecimalValue() {
        for byte in UInt8.min...UInt8.max {
            #expect(byte.hexadecimalValue == Character(UnicodeScalar(byte)).hexDigitValue)
        }
    }

    @Test("lower case changes only letters") func lowercasedChangesOnlyLetters() {
        for byte in UInt8.min...UInt8.max {
            let isUpper = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            #expect(byte.lowercased == (isUpper ? byte + 32 : byte))
            #expect(byte.isDigit == (UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte))
        }
    }
}
