import Synchronization

extension Response {
    /// The way in which the sending of a response ended.
    public enum Ending: Sendable, Equatable {
        /// All of it was handed to the client's socket.
        case sent
        /// The client left, the closure of a streamed body threw, or another response took this one's place.
        case brokenOff
    }

    /// Calls a closure once when the response has been sent to its end, or has broken off.
    ///
    /// A resource that a request holds can be released there, even when the body is streamed.
    ///
    /// ```swift
    /// app.use { request, next in
    ///     var response = try await next(request)
    ///     response.onEnd { ending in print(request.id, ending) }
    ///     return response
    /// }
    /// ```
    ///
    /// It is called on any thread, mostly the connection's, which it must not block. A response with an upgrade ends
    /// with its handshake.
    public mutating func onEnd(_ action: @escaping @Sendable (Ending) -> Void) {
        end = ResponseEnd(action, inner: end)
    }

    /// Tells all that asked by `onEnd`, once: for a server or a test of your own; Carafe's calls it.
    public func reportEnd(_ ending: Ending) {
        end?.report(ending)
    }
}

/// One who is told of the end of a response, and those that asked before.
final class ResponseEnd: Sendable {
    private let action: @Sendable (Response.Ending) -> Void
    private let inner: ResponseEnd?
    private let isReported = Atomic(false)

    init(_ action: @escaping @Sendable (Response.Ending) -> Void, inner: ResponseEnd?) {
        self.action = action
        self.inner = inner
    }

    // A response that nobody sends, such as one to a client that has left, ends where it is let go.
    deinit { call(.brokenOff) }

    func report(_ ending: Response.Ending) {
        inner?.report(ending)
        call(ending)
    }

    private func call(_ ending: Response.Ending) {
        if !isReported.exchange(true, ordering: .relaxed) { action(ending) }
    }
}
