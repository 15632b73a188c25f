public import CarafeApp
public import HTTPTypes

/// Takes the id of a request from a field that a proxy or another service sets, so that all their logs use the same id.
///
/// An id consists of 1 to 128 letters, digits and `-_.:+/=@`. If the field contains anything else, the request keeps
/// its own id. Any client can send the field: install this only if a proxy sets or removes it.
public struct IncomingRequestID: Extension {
    private let field: HTTPField.Name

    /// - Parameter field: The name of the field: `X-Request-ID`.
    public init(field: HTTPField.Name = .xRequestID) {
        self.field = field
    }

    /// Registers a transform of each request.
    public func install(in app: inout App) {
        app.onRequest { [field] request in
            if let id = request.headers.ascii(field), Self.isValid(id) { request.id = id }
        }
    }

    private static func isValid(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "-_.:+/=@".utf8.contains(byte)
            }
    }
}

extension HTTPField.Name {
    // Force-unwrap is safe: this literal is a valid field name.
    /// `X-Request-ID`, the id that many proxies assign to a request.
    public static let xRequestID = HTTPField.Name("X-Request-ID")!
}
