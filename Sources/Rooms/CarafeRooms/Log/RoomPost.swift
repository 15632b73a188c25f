package import CarafeWebSocketCodec
import NIOCore

/// The kind of an entry in a room's log.
package enum EntryKind: Sendable, Equatable {
    case message
    /// A change of presence.
    case change(RoomChange)
    /// A break, where entries may be lost: every reader that crosses it reports a gap.
    case `break`
    /// The removal of a member, which ends its connections.
    case removal([UInt8])
}

/// An entry to append to a room's log.
package struct RoomPost: Sendable {
    package var message: Message
    /// The only members that get the entry, by the bytes of their names; nil for everybody.
    package var audience: [[UInt8]]?
    /// The subject, of which `SlowMembers.latest` keeps the newest entry only.
    package var subject: [UInt8]?
    package private(set) var kind = EntryKind.message

    /// Whether the entry is a change of presence.
    package var isChange: Bool { if case .change = kind { true } else { false } }

    package init(_ message: Message, to audience: [[UInt8]]? = nil, about subject: [UInt8]? = nil) {
        self.message = message
        self.audience = audience
        self.subject = subject
    }

    private init(_ kind: EntryKind, _ message: Message = .json(ByteBuffer()), to audience: [[UInt8]]? = nil) {
        self.init(message, to: audience)
        self.kind = kind
    }

    package static let `break` = RoomPost(.break)

    package static func change(_ change: RoomChange) -> RoomPost { RoomPost(.change(change), .json(change.json)) }

    /// The removal of a member, which no client gets.
    package static func removal(of name: [UInt8]) -> RoomPost { RoomPost(.removal(name), to: []) }
}
