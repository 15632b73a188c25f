import FoundationEssentials

/// The address of a Redis, and the client's user there: `redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]`, or
/// `rediss://…` with TLS.
package struct RedisAddress: Sendable, Equatable {
    /// A name or an address, without the brackets of IPv6.
    package let host: String
    package let port: Int
    /// Whether the connection is encrypted: `rediss`.
    package let isSecure: Bool
    /// The number of the database.
    package let database: Int
    let credentials: RedisCredentials?

    /// Parses an address; user and password are percent-decoded.
    package init(_ text: String) throws(RedisAddressError) {
        // The text may contain a password, so no error quotes it.
        guard let url = URL(string: text, encodingInvalidCharacters: false) else {
            throw RedisAddressError("expected a URL, with percent-encoded characters: %40 for @, %2F for /, %23 for #")
        }
        switch url.scheme?.lowercased() {
        case "redis": isSecure = false
        case "rediss": isSecure = true
        default: throw RedisAddressError("expected the scheme redis or rediss, found \(url.scheme ?? "none")")
        }
        guard let host = url.host(percentEncoded: false), !host.isEmpty else {
            throw RedisAddressError("expected a host")
        }
        guard url.query == nil, url.fragment == nil else {
            throw RedisAddressError("expected nothing after the database; in a password ? is %3F and # is %23")
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? 6379
        guard (1...65_535).contains(port) else {
            throw RedisAddressError("expected a port from 1 to 65535, found \(port)")
        }
        let path = url.path(percentEncoded: false).drop { $0 == "/" }
        guard path.isEmpty || path.allSatisfy(\.isASCIIDigit), let database = Int(path.isEmpty ? "0" : path) else {
            throw RedisAddressError("expected the number of a database after the host, found /\(path)")
        }
        self.database = database
        credentials = RedisCredentials(
            user: url.user(percentEncoded: false), password: url.password(percentEncoded: false))
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

extension RedisAddress: CustomStringConvertible {
    /// The address without user and password.
    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "rediss" : "redis")://\(name):\(port)" + (database == 0 ? "" : "/\(database)")
    }
}

/// The text is not the address of a Redis.
package struct RedisAddressError: Error, Equatable, CustomStringConvertible {
    package let problem: String

    init(_ problem: String) {
        self.problem = problem
    }

    package var description: String {
        "expected redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE] or rediss://… for the address of a Redis: \(problem)"
    }
}
