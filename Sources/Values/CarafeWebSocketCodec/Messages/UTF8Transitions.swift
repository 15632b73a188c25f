/// The state machine of RFC 3629 §4 as one 64-bit row for each value of a byte.
///
/// Nine states fit into a word with six bits each: shifting a row right by the present state leaves the next state in
/// the lowest six bits. So a byte costs one load and one shift, and no branch that could be mispredicted. Zero is the
/// error state, and every row keeps it.
enum UTF8Transitions {
    typealias State = UTF8Validator.State

    static let rows: [UInt64] = (UInt8.min...UInt8.max).map { byte in
        transitions(of: byte).reduce(0) { row, step in row | step.to.rawValue << step.from.rawValue }
    }

    private static func transitions(of byte: UInt8) -> [(from: State, to: State)] {
        let tail: [(from: State, to: State)] = [(.oneMore, .accept), (.twoMore, .oneMore), (.threeMore, .twoMore)]
        return switch byte {
        case 0x00...0x7F: [(.accept, .accept)]
        case 0x80...0x8F: tail + [(.afterED, .oneMore), (.afterF4, .twoMore)]
        case 0x90...0x9F: tail + [(.afterED, .oneMore), (.afterF0, .twoMore)]
        case 0xA0...0xBF: tail + [(.afterE0, .oneMore), (.afterF0, .twoMore)]
        case 0xC2...0xDF: [(.accept, .oneMore)]
        case 0xE0: [(.accept, .afterE0)]
        case 0xED: [(.accept, .afterED)]
        case 0xE1...0xEF: [(.accept, .twoMore)]
        case 0xF0: [(.accept, .afterF0)]
        case 0xF1...0xF3: [(.accept, .threeMore)]
        case 0xF4: [(.accept, .afterF4)]
        // C0 and C1 could only begin overlong forms, F5 to FF only what lies past U+10FFFF.
        default: []
        }
    }
}
