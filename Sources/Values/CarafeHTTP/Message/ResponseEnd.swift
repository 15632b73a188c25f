import Synchronization

extension Response {
    /// The way in which the sending of a response ended.
    public enum Ending: Sendable, Equatable {
        /// The whole response was written to the client's socket.
        case sent
        /// The client left, the closure of a streamed body threw an error, or another response replaced this one.
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
    /// A response with an upgrade ends with its handshake.
    ///
    /// - Parameter action: The closure. It runs on any thread, mostly the connection's, and must not block it.
    public mutating func onEnd(_ action: @escaping @Sendable (Ending) -> Void) {
        end = ResponseEnd(action, inner: end)
    }

    /// Calls the closures of `onEnd`, once. It is for a server or a test of your own; Carafe's server calls it.
    public func reportEnd(_ ending: Ending) {
        end?.report(ending)
    }
}

/// A closure to call at the end of a response, with those that were added before.
final class ResponseEnd: Sendable {
    private let action: @Sendable (Response.Ending) -> Void
    private let inner: ResponseEnd?
    private let isReported = Atomic(false)

    init(_ action: @escaping @Sendable (Response.Ending) -> Void, inner: ResponseEnd?) {
        self.action = action
        self.inner = inner
    }

    // A response that is never sent, such as one to a client that has left, ends when it is released.
    deinit { call(.brokenOff) }

    func report(_ ending: Response.Ending) {
        inner?.report(ending)
        call(ending)
    }

    private func call(_ ending: Response.Ending) {
        if !isReported.exchange(true, ordering: .relaxed) { action(ending) }
    }
}
