/// What a room does with a member that does not keep up: one for which more waits than `WebSocketOptions.outboundLimit`,
/// or what the log no longer holds.
public enum SlowMembers: Sendable {
    /// It is closed with 1013 (try again later).
    case close
    /// It goes on with what the log still holds, and is told of the gap where its way of reading can tell.
    case skip
}
