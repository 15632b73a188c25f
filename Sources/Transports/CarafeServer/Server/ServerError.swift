import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The reason why a server cannot listen; the description is one line for the operator.
public struct ServerError: Error, Equatable, CustomStringConvertible {
    /// The address that was tried, as host and port.
    public var address: String
    /// The fault, and the remedy.
    public var problem: String

    init(_ configuration: ServerConfiguration, _ error: any Error) {
        address = "\(configuration.host):\(configuration.port)"
        problem =
            switch error {
            case let error as IOError where error.errnoCode == EADDRINUSE:
                "the port is in use; stop the other program or choose another port"
            case let error as IOError where error.errnoCode == EACCES:
                "permission is missing; ports below 1024 are for root, choose a higher one"
            case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
                "this machine does not have the address; use 127.0.0.1, 0.0.0.0 or an address of its own"
            case let error as IOError: String(cString: strerror(error.errnoCode))
            case is SocketAddressError, is SocketAddressError.UnknownHost:
                "the host is not known; expected a name or an address of this machine"
            default: "\(error)"
            }
    }

    /// Throws where the port is out of range: a number that is too large would be cut to another one.
    static func checkPort(of configuration: ServerConfiguration) throws(ServerError) {
        guard !(0...65_535).contains(configuration.port) else { return }
        throw ServerError(configuration, "expected a port from 0 to 65535")
    }

    /// Throws where the process has too few descriptors left: SwiftNIO ends a program that cannot have an event loop.
    static func checkDescriptors(of configuration: ServerConfiguration, threads: Int) throws(ServerError) {
        // Linux: epoll_create(2), eventfd(2) and timerfd_create(2) of each; one to listen, one for a client.
        let needed = 3 * threads + 2
        var found: [Int32] = []
        defer { for descriptor in found { close(descriptor) } }
        while found.count < needed {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw ServerError(
                    configuration, "expected \(needed) free descriptors, found \(found.count); raise `ulimit -n`")
            }
            found.append(descriptor)
        }
    }

    init(_ configuration: ServerConfiguration, _ problem: String) {
        address = "\(configuration.host):\(configuration.port)"
        self.problem = problem
    }

    /// A description with the address and the problem.
    public var description: String { "cannot listen on \(address): \(problem)" }
}
