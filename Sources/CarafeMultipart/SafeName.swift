/// The longest name that is made, in bytes; file systems take 255.
private let limit = 200

/// A name for a file made of any text: its last path component, of letters, digits, `-`, `_` and `.` only, not hidden,
/// no name of a device of Windows, and never empty.
///
/// The beginning goes where it is too long, so that the ending stays.
func safeName(_ text: String) -> String {
    let isSeparator = { (byte: UInt8) in byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }
    let last = text.utf8.split(whereSeparator: isSeparator).last.map { Substring($0) } ?? ""
    var scalars: [Unicode.Scalar] = []
    var length = 0
    for scalar in last.unicodeScalars.reversed() {
        scalars.append(isPlain(scalar) ? scalar : "_")
        length += scalar.utf8.count
        if length > limit {
            scalars.removeLast()
            break
        }
    }
    // The scalars are in reverse: what hides a file, or is taken for an option, is at the end.
    while let first = scalars.last, first == "." || first == "-" || first == "_" { scalars.removeLast() }
    while scalars.first == "." { scalars.removeFirst() }
    if scalars.isEmpty { return "file" }
    var name = ""
    name.unicodeScalars.append(contentsOf: scalars.reversed())
    let stem = name.prefix { $0 != "." }.lowercased()
    return devices.contains(stem) ? "file-" + name : name
}

private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
    default:
        // Letters and digits of all scripts; no marks that turn the text around, no look-alikes of a slash.
        !scalar.isASCII
            && [.lowercaseLetter, .uppercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .decimalNumber]
                .contains(scalar.properties.generalCategory)
    }
}

private let devices: Set<String> = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
]
