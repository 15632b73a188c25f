#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A port of 127.0.0.1 that is taken and on which nobody listens, as long as this lives.
package final class ClosedPort: Sendable {
    package let number: Int
    private let socket = LoopbackSocket()

    package init() throws {
        number = try socket.bindToFreePort()
    }

    deinit {
        close(socket.descriptor)
    }
}
