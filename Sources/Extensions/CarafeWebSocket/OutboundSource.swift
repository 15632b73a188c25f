/// Sends through a socket beside its handler, for example a room that the socket has joined.
///
/// What a source has for the peer goes out before the handler's next message, and before the close frame. All calls are
/// on the socket's event loop.
package protocol OutboundSource: AnyObject {
    /// Returns when the connection has taken what the source has for the peer, or the source has ended.
    func drain() async

    /// Hands what the source has for the peer to the connection, however much that is.
    func flushBeforeClose()

    /// Ends the source: the socket takes no more.
    func detach()
}
