/// A room's policy for members that do not keep up: a stream, or a socket with more unsent bytes than
/// `WebSocketOptions.outboundLimit`. They have no queue of their own; 4 MiB of the log are kept for them beyond the
/// history.
public enum SlowMembers<Element: Sendable>: Sendable {
    /// Closes a socket with 1013 (try again later).
    case close
    /// Resumes with the entries that the log still has, and reports the gap to subscribers of the room's route.
    case skip
    /// Does the same as `skip`, and of the messages of one batch sends only the newest about each subject, which the
    /// closure names: the price of each share, the position of each player.
    case latest(by: @Sendable (Element) -> String)
    /// Makes publishers wait while a member lags by more than 1 MiB, for at most this time. After it, members that lag
    /// by more than the log has are closed with 1013, until all have caught up.
    ///
    /// Sockets and POSTs of the room's route wait; code of the server waits with `Room.waitForSlowMembers()`.
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

/// A policy for slow members without the type of the messages.
enum SlowMemberPolicy: Sendable, Equatable {
    case close
    case skip
    case latest
    case hold(atMost: Duration)

    /// Whether a socket is closed when the log no longer has all its entries.
    var closesOvertaken: Bool {
        switch self {
        case .close, .hold: true
        case .skip, .latest: false
        }
    }
}
