#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A TCP client outside of all event loops, that can be gone before the next line of whoever calls `reset`.
package final class ResettingClient: Sendable {
    private let descriptor: Int32

    /// Connects to a port of 127.0.0.1, and sends this.
    package init(port: Int, sending text: String) throws {
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        descriptor = socket(AF_INET, kind, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let descriptor = descriptor
        let isConnected = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected, send(descriptor, text, text.utf8.count, 0) == text.utf8.count else {
            throw NoPort(code: errno)
        }
    }

    /// Reads up to the end, and gives what came and the error number of that end: 0 for a clean one.
    package func readToEnd() -> (text: String, code: Int32) {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return (String(decoding: bytes, as: UTF8.self), count == 0 ? 0 : errno) }
            bytes += piece.prefix(count)
        }
    }

    /// Closes with a RST, once: what is on its way is lost (socket(7), SO_LINGER).
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close(descriptor)
    }
}
