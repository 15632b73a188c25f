/// The rules for the name of a member.
struct MemberNames: Sendable {
    /// The maximum length of a name, in Unicode scalars.
    let limit: Int

    func validate(_ name: String) throws(RoomError) {
        guard isValid(name) else { throw .badName(limit: limit) }
    }

    /// A name is visible, has no white space around it, and does not move a cursor. Scalars are counted, so that the
    /// number of marks on one letter is limited too.
    func isValid(_ name: String) -> Bool {
        let scalars = name.unicodeScalars
        guard name.utf8.count <= 4 * limit, scalars.count <= limit, let first = scalars.first, let last = scalars.last
        else { return false }
        return !first.properties.isWhitespace && !last.properties.isWhitespace
            && !scalars.contains(where: Self.movesText)
            && scalars.contains { !$0.properties.isWhitespace && $0.properties.generalCategory != .format }
    }

    /// Returns whether a scalar ends a line, changes its direction or is invisible, except for the joiners of letters
    /// and emoji.
    private static func movesText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: scalar.value != 0x200C && scalar.value != 0x200D
        default: false
        }
    }
}
