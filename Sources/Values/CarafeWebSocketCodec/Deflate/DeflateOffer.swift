/// A client's offer of permessage-deflate, and the check of the server's answer (RFC 7692 §7.1).
public struct DeflateOffer: Sendable, Hashable {
    private let offered: DeflateParameterList
    private let clientMaxWindowBits: Int

    /// Offers what the options say, the server's window as a demand if it is below 15 bits.
    public init(options: DeflateOptions = DeflateOptions()) {
        var offered = DeflateParameterList()
        offered.serverNoContextTakeover = options.serverNoContextTakeover
        offered.clientNoContextTakeover = options.clientNoContextTakeover
        offered.serverMaxWindowBits = options.serverMaxWindowBits < 15 ? options.serverMaxWindowBits : nil
        offered.clientMaxWindowBits =
            options.clientMaxWindowBits < 15 ? .atMost(options.clientMaxWindowBits) : .unlimited
        self.offered = offered
        clientMaxWindowBits = options.clientMaxWindowBits
    }

    /// The value of `Sec-WebSocket-Extensions` in the request.
    package var fieldValue: String { offered.fieldValue }

    /// Checks the answer, and returns the agreed parameters; nil if the server declined.
    ///
    /// Throws `ClientHandshakeError.extensions` for an answer that is not one to this offer.
    package func check(_ answer: String?) throws(ClientHandshakeError) -> DeflateParameters? {
        guard let answer else { return nil }
        guard let elements = ExtensionList(parsing: answer)?.elements, elements.count == 1,
            let element = elements.first, element.name == DeflateParameters.extensionName,
            let answered = DeflateParameterList(parsing: element.parameters),
            let parameters = agree(to: answered)
        else { throw .extensions(found: answer) }
        return parameters
    }

    private func agree(to answer: DeflateParameterList) -> DeflateParameters? {
        // RFC 7692 §7.1.1.1, §7.1.2.1: the server accepts these two by repeating them; it may add them unasked.
        guard answer.serverNoContextTakeover || !offered.serverNoContextTakeover else { return nil }
        let serverMaxWindowBits = answer.serverMaxWindowBits ?? 15
        guard serverMaxWindowBits <= offered.serverMaxWindowBits ?? 15 else { return nil }
        var parameters = DeflateParameters(
            serverNoContextTakeover: answer.serverNoContextTakeover,
            // RFC 7692 §7.1.1.2: the offer said that we will not use it, whatever the answer says.
            clientNoContextTakeover: answer.clientNoContextTakeover || offered.clientNoContextTakeover,
            serverMaxWindowBits: serverMaxWindowBits,
            clientMaxWindowBits: clientMaxWindowBits
        )
        switch answer.clientMaxWindowBits {
        case .absent:
            break
        case .unlimited:
            // RFC 7692 §7.1.2.2: in an answer the parameter must have a value.
            return nil
        case .atMost(let bits):
            guard bits <= clientMaxWindowBits else { return nil }
            parameters.clientMaxWindowBits = bits
        }
        return parameters
    }
}
