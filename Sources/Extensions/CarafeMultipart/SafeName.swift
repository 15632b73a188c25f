import CarafeHTTP

/// The longest name that is made, in bytes; file systems take 255.
private let limit = 200

/// A name for a file made of any text: its last path component, of letters with their marks, digits, `-`, `_` and `.`
/// only, not hidden, no name of a device of Windows, and never empty.
///
/// The beginning goes where it is too long, so that the ending stays; no letter is parted from its marks.
func safeName(_ text: String) -> String {
    let isSeparator = { (byte: UInt8) in byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }
    let last = text.utf8.split(whereSeparator: isSeparator).last.map { Substring($0) } ?? ""
    var name = shortened(plain(last.unicodeScalars))[...]
    // What hides a file, or is taken for an option.
    name = Substring(name.utf8.drop { ".-_".utf8.contains($0) })
    // Windows drops them, so that two names would be one.
    while name.utf8.last == UInt8(ascii: ".") { name = Substring(name.utf8.dropLast()) }
    if name.isEmpty { return "file" }
    // Windows takes what is before the first dot for the device, whatever follows.
    let stem = name[...].bytes(splitAt: ".", maxSplits: 1)[0].asciiLowercased
    return devices.contains(stem) ? "file-" + name : String(name)
}

/// The text with `_` in place of all that is no letter, mark of a letter, digit, `-`, `_` or `.`.
private func plain(_ text: Substring.UnicodeScalarView) -> String {
    var name = String.UnicodeScalarView()
    /// Whether the last scalar is a letter, or a mark of one.
    var isInLetter = false
    var index = text.startIndex
    while index < text.endIndex {
        let scalar = text[index]
        index = text.index(after: index)
        switch Kind(scalar) {
        case .letter:
            name.append(scalar)
            isInLetter = true
        // A mark alone would be one of what is before the name.
        case .mark where isInLetter: name.append(scalar)
        case .joiner where isInLetter && index < text.endIndex && Kind(text[index]) == .letter: name.append(scalar)
        case .other where "-_.".unicodeScalars.contains(scalar):
            name.append(scalar)
            isInLetter = false
        // It is not seen, so that nothing need stand for it.
        case .invisible: break
        case .mark, .joiner, .other:
            name.append("_")
            isInLetter = false
        }
    }
    return String(name)
}

/// The end of a name that has room, cut between two characters.
private func shortened(_ name: String) -> Substring {
    var start = name.endIndex
    var length = 0
    for index in name.indices.reversed() {
        length += name[index].utf8.count
        guard length <= limit else { break }
        start = index
    }
    return name[start...]
}

private enum Kind {
    case letter
    case mark
    /// U+200C and U+200D, which Persian and the scripts of India write between letters.
    case joiner
    case invisible
    case other

    init(_ scalar: Unicode.Scalar) {
        self =
            switch scalar.properties.generalCategory {
            case _ where scalar == "\u{200C}" || scalar == "\u{200D}": .joiner
            // Fillers and variation selectors, which are letters and marks to Unicode.
            case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .otherLetter, .modifierLetter, .nonspacingMark,
                .spacingMark, .enclosingMark:
                scalar.properties.isDefaultIgnorableCodePoint ? .invisible : Self.visible(scalar)
            case .decimalNumber, .letterNumber: .letter
            // Marks that turn the text around, look-alikes of a slash, symbols.
            default: .other
            }
    }

    private static func visible(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: .mark
        default: .letter
        }
    }
}

private let devices: Set<String> = [
    "con", "prn", "aux", "nul", "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt0",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
]
