import CarafeHTTP
import CarafeHTTP1
import HTTPTypes
import NIOCore

/// The answer to a request that no handler sees, or no longer.
struct HTTP1Refusal {
    let status: HTTPResponse.Status
    let reason: String
    /// RFC 9110 §9.3.2: no content answers a HEAD.
    let isHead: Bool

    init(_ status: HTTPResponse.Status, _ reason: String, isHead: Bool) {
        self.status = status
        self.reason = reason
        self.isHead = isHead
    }

    /// The answer to what the reader cannot read.
    init(_ failure: RequestError, isHead: Bool) {
        let known: [HTTPResponse.Status] = [
            .badRequest, .contentTooLarge, .uriTooLong, .expectationFailed, .requestHeaderFieldsTooLarge,
            .notImplemented, .httpVersionNotSupported,
        ]
        // With its phrase, which the failure does not say.
        let status = known.first { $0.code == failure.status } ?? .badRequest
        self.init(status, failure.reason, isHead: isHead)
    }

    func write(into output: inout ByteBuffer, date: DateField) {
        HTTP1Response(
            response: Response(status, text: reason), framing: .length(reason.utf8.count), keepsAlive: false,
            isVersion11: true
        ).write(into: &output, date: date)
        if !isHead { output.writeString(reason) }
    }
}
