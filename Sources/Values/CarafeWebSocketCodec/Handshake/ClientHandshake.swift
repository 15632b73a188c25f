/// The client's side of a handshake (RFC 6455 §4.1): what it asks, and whether the answer is a yes.
package struct ClientHandshake: Sendable, Hashable {
    /// The parts of an HTTP response that the handshake reads. Fields as in `HandshakeRequest`.
    package struct Response: Sendable, Hashable {
        package var status: Int

        /// `Upgrade`
        package var upgrade: String?

        /// `Connection`
        package var connection: String?

        /// `Sec-WebSocket-Accept`
        package var accept: String?

        /// `Sec-WebSocket-Protocol`
        package var subprotocol: String?

        /// `Sec-WebSocket-Extensions`
        package var extensions: String?

        package init(
            status: Int,
            upgrade: String?,
            connection: String?,
            accept: String?,
            subprotocol: String? = nil,
            extensions: String? = nil
        ) {
            self.status = status
            self.upgrade = upgrade
            self.connection = connection
            self.accept = accept
            self.subprotocol = subprotocol
            self.extensions = extensions
        }
    }

    /// The value of `Sec-WebSocket-Key`.
    package let key: String

    /// The subprotocols of the client, its favourite first.
    package let subprotocols: [String]

    /// The offer of compression, if any.
    package let deflate: DeflateOffer?

    /// A handshake with a key of 16 fresh bytes.
    package init(
        subprotocols: [String] = [],
        deflate: DeflateOffer? = nil,
        using generator: inout some RandomNumberGenerator
    ) {
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        self.init(key: Base64.encode(bytes), subprotocols: subprotocols, deflate: deflate)
    }

    /// A handshake with a key of 16 bytes from the system's random numbers.
    package init(subprotocols: [String] = [], deflate: DeflateOffer? = nil) {
        var generator = SystemRandomNumberGenerator()
        self.init(subprotocols: subprotocols, deflate: deflate, using: &generator)
    }

    init(key: String, subprotocols: [String], deflate: DeflateOffer? = nil) {
        self.key = key
        self.subprotocols = subprotocols
        self.deflate = deflate
    }

    /// The first subprotocol that a request may not have: one that is not a token, or comes twice (RFC 6455 §4.1).
    package var wrongSubprotocol: String? {
        subprotocols.enumerated().first { index, name in
            !name.isToken || subprotocols[..<index].contains { $0.utf8.elementsEqual(name.utf8) }
        }?.element
    }

    /// The fields of the request, except Host and Origin.
    package var fields: [(name: String, value: String)] {
        var fields = [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key),
        ]
        if !subprotocols.isEmpty { fields.append(("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", "))) }
        if let deflate { fields.append(("Sec-WebSocket-Extensions", deflate.fieldValue)) }
        return fields
    }

    /// Checks the answer, and returns the subprotocol that the server chose, if any.
    package func check(_ response: Response) throws(ClientHandshakeError) -> String? {
        guard response.status == 101 else { throw .status(found: response.status) }
        guard response.upgrade?.trimmed.isToken("websocket") == true else { throw .upgrade(found: response.upgrade) }
        guard FieldList(response.connection).contains(token: "upgrade") else {
            throw .connection(found: response.connection)
        }
        guard response.accept?.trimmed == AcceptValue.make(for: key) else { throw .accept(found: response.accept) }
        _ = try checkDeflate(response)
        guard let subprotocol = response.subprotocol?.trimmed else { return nil }
        guard subprotocols.contains(subprotocol) else { throw .subprotocol(found: subprotocol) }
        return subprotocol
    }

    /// Returns the agreed compression, if any; `check(_:)` fails if this does.
    package func checkDeflate(_ response: Response) throws(ClientHandshakeError) -> DeflateParameters? {
        if let deflate { return try deflate.check(response.extensions) }
        // RFC 6455 §4.1: fail if the server answers with an extension that was not asked for.
        guard response.extensions == nil else { throw .extensions(found: response.extensions) }
        return nil
    }
}

/// Why a server's answer is not the yes that RFC 6455 §4.1 demands.
package enum ClientHandshakeError: Error, Sendable, Hashable {
    case status(found: Int)
    case upgrade(found: String?)
    case connection(found: String?)
    case accept(found: String?)
    case extensions(found: String?)
    case subprotocol(found: String)
}

extension ClientHandshakeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .status(let found): "expected status 101, found \(found)"
        case .upgrade(let found): "expected Upgrade: websocket, found \(found ?? "none")"
        case .connection(let found): "expected Upgrade among Connection, found \(found ?? "none")"
        case .accept(let found): "expected the Sec-WebSocket-Accept of our key, found \(found ?? "none")"
        case .extensions(let found): "expected no extension but what was offered, found \(found ?? "none")"
        case .subprotocol(let found): "expected a subprotocol that was offered, found \(found)"
        }
    }
}
