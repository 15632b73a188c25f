/// A room's policy for slow subscribers: a socket for which more bytes wait than `WebSocketOptions.outboundLimit`,
/// or a stream that lags. They have no queues of their own; the log keeps up to 4 MiB for them beyond the history.
public enum SlowMembers<Element: Sendable>: Sendable {
    /// Closes a socket with 1013 (try again later).
    case close
    /// Continues with the entries that the log still has, and reports the gap where the wire format can.
    case skip
    /// Skips as `skip` does, and sends of each batch only the newest message about each subject, which the closure
    /// names: the price of each share, the place of each player.
    case latest(by: @Sendable (Element) -> String)
    /// Makes publishers wait while a subscriber lags by more than 1 MiB, but no longer than this time. After it,
    /// sockets that lag beyond the log are closed with 1013, until all subscribers have caught up.
    ///
    /// On the room's route a socket or a POST waits; code of the server waits by `Room.waitForSlowMembers()`.
    case hold(atMost: Duration)

    var policy: SlowMemberPolicy {
        switch self {
        case .close: .close
        case .skip: .skip
        case .latest: .latest
        case .hold(let limit): .hold(atMost: limit)
        }
    }

    func subject(of element: Element) -> [UInt8]? {
        guard case .latest(let name) = self else { return nil }
        return Array(name(element).utf8)
    }
}

/// The case of a `SlowMembers`, without the type of the messages.
enum SlowMemberPolicy: Sendable, Equatable {
    case close
    case skip
    case latest
    case hold(atMost: Duration)

    /// Whether a socket is closed that has missed entries.
    var closesOvertaken: Bool {
        switch self {
        case .close, .hold: true
        case .skip, .latest: false
        }
    }
}
