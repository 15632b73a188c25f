/// The rule for the names of members.
struct MemberNames: Sendable {
    /// The most characters (Unicode scalars) in a name.
    let limit: Int

    func validate(_ name: String) throws(RoomError) {
        guard isValid(name) else { throw .badName(limit: limit) }
    }

    /// Returns whether a name has a visible character, no space around it, and no character that changes the layout of
    /// text. Its length counts scalars, so that combining marks count too.
    private func isValid(_ name: String) -> Bool {
        let scalars = name.unicodeScalars
        guard name.utf8.count <= 4 * limit, scalars.count <= limit, let first = scalars.first, let last = scalars.last
        else { return false }
        return !first.properties.isWhitespace && !last.properties.isWhitespace
            && !scalars.contains(where: Self.movesText)
            && scalars.contains { !$0.properties.isWhitespace && $0.properties.generalCategory != .format }
    }

    /// Returns whether a character ends a line, changes its direction or is invisible. The joiners of letters and emoji
    /// are allowed.
    private static func movesText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: scalar.value != 0x200C && scalar.value != 0x200D
        default: false
        }
    }
}
