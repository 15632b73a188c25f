/// Which texts can be the name of a member.
struct MemberNames: Sendable {
    /// The most characters (Unicode scalars) in a name.
    let limit: Int

    func validate(_ name: String) throws(RoomError) {
        guard isValid(name) else { throw .badName(limit: limit) }
    }

    /// Something to see, no space around it, and nothing that moves a cursor; scalars count, so that marks that pile up
    /// on one letter do too.
    private func isValid(_ name: String) -> Bool {
        let scalars = name.unicodeScalars
        guard name.utf8.count <= 4 * limit, scalars.count <= limit, let first = scalars.first, let last = scalars.last
        else { return false }
        return !first.properties.isWhitespace && !last.properties.isWhitespace
            && !scalars.contains(where: Self.movesText)
            && scalars.contains { !$0.properties.isWhitespace && $0.properties.generalCategory != .format }
    }

    /// Whether it ends a line, turns its direction or is not to be seen, other than what joins letters and pictures.
    private static func movesText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: scalar.value != 0x200C && scalar.value != 0x200D
        default: false
        }
    }
}
