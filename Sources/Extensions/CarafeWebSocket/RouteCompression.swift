import CarafeApp
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import Synchronization

/// The compressors of a route, one set for each event loop.
final class RouteCompression: Sendable {
    private let options: DeflateOptions
    private let compressors = Mutex<[ObjectIdentifier: Compressors]>([:])

    init?(_ options: DeflateOptions?) {
        guard let options else { return nil }
        self.options = options
    }

    func compressors(on executor: EventLoopExecutor) -> Compressors {
        compressors.withLock { compressors in
            let id = ObjectIdentifier(executor.eventLoop)
            if let known = compressors[id] { return known }
            let new = Compressors(options: options)
            compressors[id] = new
            return new
        }
    }
}
