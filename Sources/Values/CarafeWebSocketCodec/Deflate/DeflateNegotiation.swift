/// The server's choice among a client's offers of permessage-deflate (RFC 7692 §5.1, §7.1).
package struct DeflateNegotiation: Sendable, Hashable {
    /// The agreed parameters.
    package let parameters: DeflateParameters

    /// The value of `Sec-WebSocket-Extensions` in the answer.
    package let fieldValue: String

    /// Takes the first offer that can be met; nil if there is none, and the connection goes on without compression.
    ///
    /// An offer with an unknown, repeated or invalid parameter is declined, and so is one whose client cannot be told
    /// to keep to `clientMaxWindowBits`.
    ///
    /// - Parameter offers: the value of `Sec-WebSocket-Extensions`, several lines joined by commas; nil if it did not
    ///   come. A value that does not have the form of RFC 6455 §9.1 throws `HandshakeError.extensions`.
    package init?(answering offers: String?, options: DeflateOptions = DeflateOptions()) throws(HandshakeError) {
        for offer in try Self.list(offers) where offer.name == DeflateParameters.extensionName {
            guard let offered = DeflateParameterList(parsing: offer.parameters),
                let parameters = options.accept(offered)
            else { continue }
            self.parameters = parameters
            fieldValue = DeflateParameterList(answering: offered, with: parameters).fieldValue
            return
        }
        return nil
    }

    /// RFC 6455 §4.2.1: a server refuses what has not the form, also where it would take none of it.
    static func list(_ offers: String?) throws(HandshakeError) -> [ExtensionList.Element] {
        guard let offers else { return [] }
        guard let list = ExtensionList(parsing: offers) else { throw .extensions(found: offers) }
        return list.elements
    }
}

extension DeflateOptions {
    fileprivate func accept(_ offer: DeflateParameterList) -> DeflateParameters? {
        var parameters = DeflateParameters(
            serverNoContextTakeover: offer.serverNoContextTakeover || serverNoContextTakeover,
            clientNoContextTakeover: offer.clientNoContextTakeover || clientNoContextTakeover,
            serverMaxWindowBits: min(offer.serverMaxWindowBits ?? 15, serverMaxWindowBits),
            clientMaxWindowBits: clientMaxWindowBits
        )
        switch offer.clientMaxWindowBits {
        case .unlimited:
            break
        case .atMost(let bits):
            // RFC 7692 §7.1.2.2: the client keeps to its own value even if the answer does not repeat it.
            parameters.clientMaxWindowBits = min(bits, clientMaxWindowBits)
        case .absent:
            // RFC 7692 §7.1.2.2: then the answer must not have the parameter, so the client may use all 15 bits.
            guard clientMaxWindowBits == 15 else { return nil }
        }
        return parameters
    }
}

extension DeflateParameterList {
    fileprivate init(answering offer: DeflateParameterList, with agreed: DeflateParameters) {
        serverNoContextTakeover = agreed.serverNoContextTakeover
        clientNoContextTakeover = agreed.clientNoContextTakeover
        // RFC 7692 §7.1.2.1: a server accepts the parameter by repeating it with the same or a smaller value.
        if offer.serverMaxWindowBits != nil || agreed.serverMaxWindowBits < 15 {
            serverMaxWindowBits = agreed.serverMaxWindowBits
        }
        if agreed.clientMaxWindowBits < 15 {
            clientMaxWindowBits = .atMost(agreed.clientMaxWindowBits)
        }
    }
}
