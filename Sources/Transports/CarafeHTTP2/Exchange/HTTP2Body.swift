import CarafeHTTP
import CarafeRuntime
import CarafeServer
import NIOCore

/// The body of a request on a stream, whose frames come after the head.
struct HTTP2Body {
    let body: RequestBody
    /// The queue of its frames; nil where the handler gets none of them.
    let inbox: Inbox?
    let flow: ExchangeState.Body

    init(of head: HTTP2Request, on stream: HTTP2Stream) {
        if stream.isRequestWhole || head.upgrade != nil {
            (body, inbox, flow) = (RequestBody(), nil, stream.isRequestWhole ? .complete : .held)
        } else {
            let inbox = Inbox(limit: 64 << 10) { [weak stream] in stream?.bodyWanted() }
            body = RequestBody(arriving: inbox, declaredLength: head.declaredLength)
            (self.inbox, flow) = (inbox, .flowing)
        }
    }
}
