import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import NIOCore

/// The body of a request as far as it came with the head.
struct HTTP1Body {
    let body: RequestBody
    /// The queue of the rest; nil where all of it came.
    let queue: BodyQueue?
    let flow: ExchangeState.Body
    let rate: BodyRate

    /// Takes from a connection's input the bytes of a body that have come.
    ///
    /// - Throws: The fault in the framing of the body.
    init(of head: RequestHead, on connection: HTTPConnection) throws(RequestError) {
        var rate = BodyRate(from: connection.eventLoop.now, connection.service.times)
        var whole = ByteBuffer()
        while let event = connection.requests.input.next() {
            switch event {
            case .body(var piece):
                if whole.readableBytes == 0 { whole = piece } else { whole.writeBuffer(&piece) }
            case .end:
                (body, queue, flow, self.rate) = (RequestBody(whole), nil, .complete, rate)
                return
            case .failure(let failure): throw failure
            case .head: preconditionFailure("the reader ends each request before the next begins")
            }
        }
        // Only where some of it is to come: a weak reference makes each later use of the connection cost more.
        let queue = BodyQueue(limit: 64 << 10) { [weak connection] in connection.map(HTTP1Exchanges.bodyWanted) }
        rate.add(whole.readableBytes)
        let isFull = whole.readableBytes > 0 && !queue.push(whole)
        let length: Int? = if case .contentLength(let length) = head.framing { length } else { nil }
        body = RequestBody(arriving: queue, declaredLength: length)
        (self.queue, self.rate, flow) = (queue, rate, isFull ? .paused : .flowing)
    }
}
