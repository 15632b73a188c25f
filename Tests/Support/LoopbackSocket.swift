#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A TCP socket for 127.0.0.1, outside of all event loops; its owner closes it.
struct LoopbackSocket: Sendable {
    let descriptor: Int32

    init() {
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        descriptor = socket(AF_INET, kind, 0)
    }

    /// Takes a free port, and returns its number.
    func bindToFreePort() throws -> Int {
        var address = Self.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withSystemAddress(&address) { address in
            bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    func openConnection(to port: Int) throws {
        var address = Self.address(port: port)
        try withSystemAddress(&address) { address in
            connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return address
    }

    // The system's calls take any kind of address by a pointer to what all kinds begin with.
    private func withSystemAddress(
        _ address: inout sockaddr_in, _ call: (UnsafeMutablePointer<sockaddr>) -> Bool
    ) throws {
        let isDone = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, call)
        }
        guard isDone else { throw SocketError(code: errno) }
    }
}

/// A call of the system that failed.
struct SocketError: Error {
    let code: Int32
}
