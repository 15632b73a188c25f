import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import NIOCore

/// The body of a request as far as it came with the head.
struct HTTP1Body {
    let body: RequestBody
    /// Where the rest goes; nil where all of it came.
    let inbox: Inbox?
    let flow: ExchangeState.Body
    let rate: BodyRate

    /// Takes what is there of a body.
    ///
    /// - Parameter onDemand: Is called when the handler waits for more.
    /// - Throws: What is wrong with the framing of the body.
    init(
        of request: HTTP1Request, from input: inout HTTP1Input, _ rate: BodyRate,
        onDemand: @escaping @Sendable () -> Void
    ) throws(RequestFailure) {
        var whole = ByteBuffer()
        while let event = input.next() {
            switch event {
            case .body(var piece):
                if whole.readableBytes == 0 { whole = piece } else { whole.writeBuffer(&piece) }
            case .end:
                (body, inbox, flow, self.rate) = (RequestBody(whole), nil, .complete, rate)
                return
            case .failure(let failure): throw failure
            case .head: preconditionFailure("the reader ends each request before the next begins")
            }
        }
        let inbox = Inbox(limit: 64 << 10, onDemand: onDemand)
        var rate = rate
        rate.add(whole.readableBytes)
        let isFull = whole.readableBytes > 0 && !inbox.push(Arrival(whole), cost: whole.readableBytes)
        body = RequestBody(arriving: inbox, declaredLength: request.declaredLength)
        (self.inbox, self.rate, flow) = (inbox, rate, isFull ? .paused : .flowing)
    }
}
