#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A TCP client outside of all event loops, so that it has left before the next line of the caller of `reset`.
package final class ResettingClient: Sendable {
    private let descriptor: Int32

    /// Connects to a port of 127.0.0.1, and sends this.
    package init(port: Int, sending text: String) throws {
        let socket = LoopbackSocket()
        descriptor = socket.descriptor
        try socket.openConnection(to: port)
        guard send(descriptor, text, text.utf8.count, 0) == text.utf8.count else { throw SocketError(code: errno) }
    }

    /// Reads up to the end, and returns the text and the error number of that end: 0 for a clean one.
    package func readToEnd() -> (text: String, code: Int32) {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return (String(decoding: bytes, as: UTF8.self), count == 0 ? 0 : errno) }
            bytes += piece.prefix(count)
        }
    }

    /// Closes with a RST, once: data in flight is lost (socket(7), SO_LINGER).
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close(descriptor)
    }
}
