/// The agreement of both sides on permessage-deflate (RFC 7692 §7.1).
package struct DeflateParameters: Sendable, Hashable {
    /// The server starts each message with an empty window (§7.1.1.1).
    package var serverNoContextTakeover: Bool

    /// The client starts each message with an empty window (§7.1.1.2).
    package var clientNoContextTakeover: Bool

    /// The window that the server compresses with has at most 2 to the power of this many bytes; 8 to 15 (§7.1.2.1).
    package var serverMaxWindowBits: Int

    /// The window that the client compresses with has at most 2 to the power of this many bytes; 8 to 15 (§7.1.2.2).
    package var clientMaxWindowBits: Int

    /// The defaults are what holds if an answer names no parameter.
    package init(
        serverNoContextTakeover: Bool = false,
        clientNoContextTakeover: Bool = false,
        serverMaxWindowBits: Int = 15,
        clientMaxWindowBits: Int = 15
    ) {
        self.serverNoContextTakeover = serverNoContextTakeover
        self.clientNoContextTakeover = clientNoContextTakeover
        self.serverMaxWindowBits = serverMaxWindowBits
        self.clientMaxWindowBits = clientMaxWindowBits
    }

    static let extensionName = "permessage-deflate"

    /// The window of what this side sends.
    func maxWindowBits(ofSender role: Role) -> Int {
        role == .server ? serverMaxWindowBits : clientMaxWindowBits
    }

    /// Whether what this side sends starts with an empty window each time.
    func noContextTakeover(ofSender role: Role) -> Bool {
        role == .server ? serverNoContextTakeover : clientNoContextTakeover
    }
}

/// The parameters of one `permessage-deflate` element as they are written.
struct DeflateParameterList: Sendable, Hashable {
    enum WindowBits: Sendable, Hashable {
        case absent
        case unlimited
        case atMost(Int)
    }

    var serverNoContextTakeover = false
    var clientNoContextTakeover = false
    var serverMaxWindowBits: Int?
    var clientMaxWindowBits = WindowBits.absent

    init() {}

    /// Nil for a parameter that is unknown, comes twice or has a wrong value (RFC 7692 §7.1).
    init?(parsing parameters: [ExtensionList.Parameter]) {
        guard Set(parameters.map(\.name)).count == parameters.count else { return nil }
        for parameter in parameters {
            switch (parameter.name, parameter.value) {
            case ("server_no_context_takeover", nil):
                serverNoContextTakeover = true
            case ("client_no_context_takeover", nil):
                clientNoContextTakeover = true
            case ("client_max_window_bits", nil):
                clientMaxWindowBits = .unlimited
            case ("client_max_window_bits", let value?):
                guard let bits = Self.windowBits(value) else { return nil }
                clientMaxWindowBits = .atMost(bits)
            case ("server_max_window_bits", let value?):
                guard let bits = Self.windowBits(value) else { return nil }
                serverMaxWindowBits = bits
            default:
                return nil
            }
        }
    }

    /// RFC 7692 §7.1.2: a decimal integer from 8 to 15, without leading zeros.
    private static func windowBits(_ value: String) -> Int? {
        (8...15).first { String($0) == value }
    }

    /// The parameters as an element of the field's value.
    var fieldValue: String {
        var words = [DeflateParameters.extensionName]
        if serverNoContextTakeover { words.append("server_no_context_takeover") }
        if clientNoContextTakeover { words.append("client_no_context_takeover") }
        if let serverMaxWindowBits { words.append("server_max_window_bits=\(serverMaxWindowBits)") }
        switch clientMaxWindowBits {
        case .absent: break
        case .unlimited: words.append("client_max_window_bits")
        case .atMost(let bits): words.append("client_max_window_bits=\(bits)")
        }
        return words.joined(separator: "; ")
    }
}
