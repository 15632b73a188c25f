import CarafeHTTP
import CarafeRuntime
import CarafeServer
import NIOCore

/// The body of a request on a stream, whose frames come after the head.
struct HTTP2Body {
    let body: RequestBody
    /// The queue of its frames; nil where the handler gets none of them.
    let queue: BodyQueue?
    let flow: ExchangeState.Body

    init(of head: HTTP2Request, on stream: HTTP2Stream) {
        if stream.isRequestWhole || head.upgrade != nil {
            (body, queue, flow) = (RequestBody(), nil, stream.isRequestWhole ? .complete : .held)
        } else {
            let queue = BodyQueue(limit: 64 << 10) { [weak stream] in stream?.bodyWanted() }
            body = RequestBody(arriving: queue, declaredLength: head.declaredLength)
            (self.queue, flow) = (queue, .flowing)
        }
    }
}
