import CarafeHTTP

/// The longest name that is made, in bytes; file systems allow 255.
private let limit = 200

/// Returns a file name made from any text: its last path component, of letters with their marks, digits, `-`, `_` and
/// `.` only, not hidden, not the name of a Windows device, and never empty.
///
/// A name that is too long loses its beginning, so that the file extension stays. No letter is separated from its
/// marks.
func safeName(_ text: String) -> String {
    let isSeparator = { (byte: UInt8) in byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }
    let last = text.utf8.split(whereSeparator: isSeparator).last.map { Substring($0) } ?? ""
    var name = shortened(plain(last.unicodeScalars))[...]
    // Characters that hide a file, or make it look like an option.
    name = Substring(name.utf8.drop { ".-_".utf8.contains($0) })
    // Windows drops them, so that two names would become one.
    while name.utf8.last == UInt8(ascii: ".") { name = Substring(name.utf8.dropLast()) }
    if name.isEmpty { return "file" }
    // Windows takes the part before the first dot for the device, whatever follows.
    let stem = name[...].bytes(splitAt: ".", maxSplits: 1)[0].asciiLowercased
    return devices.contains(stem) ? "file-" + name : String(name)
}

/// Returns the text with `_` in place of every character but letters, their marks, digits, `-`, `_` and `.`.
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
        // A mark alone would combine with the character before the name.
        case .mark where isInLetter: name.append(scalar)
        case .joiner where isInLetter && index < text.endIndex && Kind(text[index]) == .letter: name.append(scalar)
        case .other where "-_.".unicodeScalars.contains(scalar):
            name.append(scalar)
            isInLetter = false
        // Invisible, so that nothing has to replace it.
        case .invisible: break
        case .mark, .joiner, .other:
            name.append("_")
            isInLetter = false
        }
    }
    return String(name)
}

/// Returns the end of a name that fits, cut between two characters.
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
    /// U+200C and U+200D, which Persian and the scripts of India use between letters.
    case joiner
    case invisible
    case other

    init(_ scalar: Unicode.Scalar) {
        self =
            switch scalar.properties.generalCategory {
            case _ where scalar == "\u{200C}" || scalar == "\u{200D}": .joiner
            // Fillers and variation selectors, which Unicode classifies as letters and marks.
            case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .otherLetter, .modifierLetter, .nonspacingMark,
                .spacingMark, .enclosingMark:
                scalar.properties.isDefaultIgnorableCodePoint ? .invisible : Self.visible(scalar)
            case .decimalNumber, .letterNumber: .letter
            // Marks that change the direction of text, look-alikes of a slash, symbols.
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
