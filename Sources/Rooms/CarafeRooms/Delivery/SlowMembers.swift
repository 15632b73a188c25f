public import NIOCore

/// What a room does with those who do not keep up: a socket for which more waits than `WebSocketOptions.outboundLimit`,
/// or a stream. They hold no queue of their own; 4 MiB of the log are kept for them, beyond the history.
public enum SlowMembers<Element: Sendable>: Sendable {
    /// A socket is closed with 1013 (try again later).
    case close
    /// It goes on with what the log still holds, and is told of the gap where its way of reading can tell.
    case skip
    /// Like `skip`; and of the messages that it gets at a time only the newest about each subject, which the closure
    /// names: the price of each share, the place of each player.
    case latest(by: @Sendable (Element) -> String)
    /// Who publishes waits while somebody is more than 1 MiB behind, but no longer than this. Then those who are more
    /// behind than the log holds are closed with 1013, until all have caught up.
    ///
    /// By the room's route a socket or a POST waits; code of the server does with `Room.waitForSlowMembers()`.
    case hold(atMost: TimeAmount)

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

/// The same without the type of the messages.
enum SlowMemberPolicy: Sendable, Equatable {
    case close
    case skip
    case latest
    case hold(atMost: TimeAmount)

    /// Whether one is closed for whom the log no longer holds everything.
    var closesOvertaken: Bool {
        switch self {
        case .close, .hold: true
        case .skip, .latest: false
        }
    }
}
