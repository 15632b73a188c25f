import NIOCore
import NIOPosix

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The reason for which there is no connection, in a few words.
enum ConnectionProblem {
    static func text(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let single = error.connectionErrors.first { return text(single.error) }
            return "the host \(error.host) is not known"
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout: return "no answer in time"
        default: return "\(error)"
        }
    }
}
