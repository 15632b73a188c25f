/// A client's preferences with their weights (RFC 9110 §12.4.2): `gzip, br;q=0.8, *;q=0`.
struct WeightedList: Sendable {
    /// The most elements that are read; further ones are ignored. No client of today sends half as many.
    static let limit = 32

    struct Element: Sendable {
        /// The value in lower case.
        let value: String
        /// The parameters before the weight.
        let parameters: [(name: String, value: String)]
        /// The weight in thousandths; 0 means not acceptable.
        let quality: Int

        init(_ text: Substring) {
            let parsed = ParameterizedValue(text)
            value = parsed.value
            parameters = Array(parsed.parameters.prefix { $0.name != "q" })
            quality = parsed["q"].map(WeightedList.quality) ?? 1000
        }
    }

    let elements: [Element]

    init(_ field: String) {
        let parts = FieldValue.parts(of: field[...], at: ",").prefix(Self.limit)
        elements = parts.map(Element.init).filter { !$0.value.isEmpty }
    }

    /// Returns a weight in thousandths; 0 for a malformed one.
    ///
    /// RFC 9110 §12.4.2: `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`. Further digits are ignored.
    private static func quality(_ text: String) -> Int {
        let bytes = Array(text.utf8)
        let digits = bytes.dropFirst(2)
        guard let whole = bytes.first, whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1"),
            bytes.count == 1 || bytes[1] == UInt8(ascii: "."),
            digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return 0 }
        let thousandths = zip(digits, [100, 10, 1]).reduce(0) { $0 + Int($1.0 - UInt8(ascii: "0")) * $1.1 }
        let quality = Int(whole - UInt8(ascii: "0")) * 1000 + thousandths
        return quality > 1000 ? 0 : quality
    }
}
