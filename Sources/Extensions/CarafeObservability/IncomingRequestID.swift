public import CarafeApp
public import HTTPTypes

/// Takes the id of a request from a field that a proxy or another service sets, so that the logs of all name it alike.
///
/// An id is 1 to 128 letters, digits and `-_.:+/=@`; where the field holds anything else, the request keeps its own.
/// Any client can send the field: install this where a proxy sets or removes it.
public struct IncomingRequestID: Extension {
    private let field: HTTPField.Name

    /// - Parameter field: The field's name: `X-Request-ID`.
    public init(field: HTTPField.Name = .xRequestID) {
        self.field = field
    }

    public func install(in app: inout App) {
        app.onArrival { [field] request in
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
    /// `X-Request-ID`, the id that many proxies give to a request.
    // A token, so that there is a name.
    public static let xRequestID = HTTPField.Name("X-Request-ID")!
}
