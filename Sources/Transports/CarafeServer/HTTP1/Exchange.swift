import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import HTTPTypes
import Logging
import NIOCore

/// One request and its response, while the two are on their way.
struct Exchange {
    let id: Int
    /// The request's own, for the log.
    var number: UInt64 = 0
    let method: HTTPRequest.Method
    let target: Target
    let isVersion11: Bool
    /// The protocols that the client would change to, in lower case (RFC 9110 §7.8).
    let upgrades: String?
    let keepsAlive: Bool

    /// Where the body goes that did not come with the head.
    var body: Inbox?
    var isBodyComplete = true
    var isBodyPaused = false
    /// Whether the client waits for 100 (RFC 9110 §10.1.1).
    var awaitsContinue = false
    let start: NIODeadline
    var bodyRate: BodyRate
    var task: Task<Void, Never>?
    /// Whether a stopping server need not wait for the end of the response.
    var isEndless = false
    /// Whether all of the response was handed over, and the last of it waits for the client.
    var isEnding = false
    /// How the body of the response is framed, once its head was written.
    var answer: ResponseFraming?

    mutating func receive(_ piece: ByteBuffer) {
        bodyRate.note(piece)
        if body?.push(Arrival(piece), cost: piece.readableBytes) == false { isBodyPaused = true }
    }

    mutating func finishBody() {
        isBodyComplete = true
        isBodyPaused = false
        body?.finish()
    }

    func failBody(_ error: any Error) {
        body?.finish(throwing: error)
    }

    /// The client sends no more, and may still read.
    func inputEnded() {
        if !isBodyComplete { failBody(HTTPError(.badRequest, "Expected the rest of the body.")) }
        if isEndless { task?.cancel() }
    }

    /// The client does not read any more either.
    func clientLeft() {
        inputEnded()
        task?.cancel()
    }
}

extension HTTPConnection {
    /// Starts the handler of a request, with the body at hand if all of it came.
    func begin(_ head: RequestHead) {
        if context?.channel.isWritable == true { timer?.clear() }
        isReadingHead = false
        guard let target = Target(head.pathAndQuery), let method = HTTPRequest.Method(rawValue: head.method) else {
            if head.targetForm == .asterisk { return answerAsterisk(head) }
            return reject(.badRequest, "Expected a path that can be read.", isHead: head.method == "HEAD")
        }
        exchangeCount += 1
        let upgrades = head.upgrade ? Headers(lines: head.fields.bytes).ascii(.upgrade)?.lowercased() : nil
        let now = eventLoop.now
        exchange = Exchange(
            id: exchangeCount, method: method, target: target, isVersion11: head.minorVersion == 1,
            upgrades: upgrades, keepsAlive: head.keepAlive, start: now,
            bodyRate: BodyRate(from: now)
        )
        guard let body = takeBody(head) else { return }
        var request = Request(
            method: method, target: target, headers: Headers(lines: head.fields.bytes), body: body,
            connection: connection
        )
        exchange?.number = request.number
        // RFC 9112 §3.2.2: with an absolute-form target its authority counts, and Host is ignored.
        if head.targetForm == .absolute { request.authority = head.host }
        request.upgrade = upgrades
        run(request)
    }

    /// The body as far as it came; nil when it broke off in a way that was answered.
    private func takeBody(_ head: RequestHead) -> RequestBody? {
        var whole = ByteBuffer()
        while let event = nextEvent() {
            switch event {
            case .body(var piece):
                if whole.readableBytes == 0 { whole = piece } else { whole.writeBuffer(&piece) }
            case .end: return RequestBody(whole)
            case .failure(let failure):
                reject(failure)
                return nil
            case .head: preconditionFailure("the reader ends each request before the next begins")
            }
        }
        return startArrivingBody(head, with: whole)
    }

    private func startArrivingBody(_ head: RequestHead, with first: ByteBuffer) -> RequestBody {
        let inbox = Inbox(limit: Self.inputLimit) { [weak self] in self?.bodyWanted() }
        exchange?.body = inbox
        exchange?.isBodyComplete = false
        exchange?.awaitsContinue = head.expectsContinue
        if first.readableBytes > 0 { exchange?.receive(first) }
        timer?.set(in: timeouts.body)
        let length: Int? = if case .contentLength(let length) = head.framing { length } else { nil }
        return RequestBody(arriving: inbox, declaredLength: length)
    }

    private func bodyWanted() {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.bodyWanted() } }
        guard phase == .open, exchange?.body != nil else { return }
        if exchange?.awaitsContinue == true {
            exchange?.awaitsContinue = false
            output.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
            flush()
        }
        exchange?.isBodyPaused = false
        resumeReading()
    }

    private func run(_ request: Request) {
        let id = exchangeCount
        let task = Task.immediate(executorPreference: connection.executor) { [self] in
            do {
                let response = service.finalResponse(try await service.handler(request))
                if isStream(response) {
                    stream(response, to: id)
                } else {
                    await respond(with: response, to: id)
                }
            } catch {
                await respond(with: service.answer(to: error), to: id)
            }
        }
        // The one of a stream is there already.
        if exchange?.id == id, exchange?.task == nil { exchange?.task = task }
    }

    private func isStream(_ response: Response) -> Bool {
        if case .stream = response.body { true } else { false }
    }

    /// Sends a response that goes on in a task of its own: a task keeps the memory of its deepest calls, here of the whole
    /// app around the handler, for as long as it runs.
    private func stream(_ response: Response, to id: Int) {
        let task = Task.immediate(executorPreference: connection.executor) { [self] in
            await respond(with: response, to: id)
        }
        // The client may have left meanwhile.
        if exchange?.id == id { exchange?.task = task } else { task.cancel() }
    }

    /// RFC 9110 §9.3.7: `OPTIONS *` asks about the server, not about a resource.
    private func answerAsterisk(_ head: RequestHead) {
        // RFC 9112 §9.3: a body, which nobody reads, would be taken for the next request.
        let hasBody = head.framing != .none && head.framing != .contentLength(0)
        let keepsAlive = head.keepAlive && !hasBody && !isStopping
        ResponseHead(
            response: Response(.noContent), framing: .none, keepsAlive: keepsAlive, isVersion11: head.minorVersion == 1
        ).write(into: &output, date: service.date)
        if !keepsAlive { finishAndClose() }
    }
}
