import CarafeHTTP
import CarafeHTTP1
import HTTPTypes
import Logging
import NIOCore

/// The change to another protocol, after which the connection is no longer HTTP's (RFC 9110 §7.8).
struct HTTP1Upgrade {
    let connection: HTTPConnection
    let exchange: Exchange

    func begin(_ response: Response) {
        // The request may have been refused meanwhile, and its refusal is the only response.
        guard let upgrade = response.upgrade, !exchange.state.isOver else { return }
        guard exchange.offers(upgrade.protocolName) else {
            let message = "Expected a request that asks for an upgrade to \(upgrade.protocolName)."
            let refusal = HTTP1Refusal(.internalServerError, message, isHead: exchange.method == .head)
            return connection.exchanges.refuse(refusal)
        }
        switch exchange.handle(.upgradeBegan) {
        case .upgrade: take(upgrade, response)
        case .refuse:
            let message = "Expected a handshake without a body."
            connection.exchanges.write(HTTP1Refusal(.badRequest, message, isHead: exchange.method == .head))
        default: break
        }
    }

    private func take(_ upgrade: Upgrade, _ response: Response) {
        let output = connection.output
        guard let context = output.context else { return }
        var response = response
        response.status = .switchingProtocols
        HTTP1Response(response: response, framing: .none, keepsAlive: true, isVersion11: true)
            .write(into: &output.bytes, date: connection.service.date)
        output.flush()
        exchange.log(response)
        let early = connection.leaveHTTP()
        #if os(Linux)
            // What HTTP asks of a client ends with it; the other protocol has times of its own.
            _ = context.channel.setOption(.tcpOption(.userTimeout), value: 0)
        #endif
        do {
            try upgrade.start(context.channel)
        } catch {
            connection.service.configuration.logger.error("an upgrade failed", metadata: ["error": "\(error)"])
            return connection.close()
        }
        handOver(early, context)
    }

    /// Tells the other protocol what HTTP knows of the connection.
    private func handOver(_ early: ByteBuffer?, _ context: ChannelHandlerContext) {
        if connection.isStopping { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        if let early {
            context.fireChannelRead(NIOAny(early))
            context.fireChannelReadComplete()
        }
        if connection.isInputClosed { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        connection.requests.resumeReading()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
